-- +goose Up

-- Create "alerts" table
CREATE TABLE `alerts` (
  `id` text NOT NULL,
  `cause_key` text NOT NULL,
  `kind` text NOT NULL,
  `level` integer NOT NULL,
  `service_id` text NOT NULL DEFAULT (''),
  `office_id` text NOT NULL DEFAULT (''),
  `holder_office` text NOT NULL DEFAULT (''),
  `site_id` text NOT NULL DEFAULT (''),
  `case_id` text NOT NULL DEFAULT (''),
  `clock_id` text NOT NULL DEFAULT (''),
  `escalation_id` text NOT NULL DEFAULT (''),
  `reference` text NOT NULL DEFAULT (''),
  `confidential` bool NOT NULL DEFAULT (false),
  `due_on` text NOT NULL,
  `value` real NOT NULL DEFAULT (0),
  `threshold` real NOT NULL DEFAULT (0),
  `state` text NOT NULL,
  `raised_at` datetime NOT NULL,
  `acknowledged_at` datetime NULL,
  `acknowledged_by` text NOT NULL DEFAULT (''),
  `snoozed_until` datetime NULL,
  `handed_to` text NOT NULL DEFAULT (''),
  `resolved_at` datetime NULL,
  `acts` json NOT NULL,
  `version` integer NOT NULL DEFAULT (1),
  PRIMARY KEY (`id`)
);
-- Create index "alerts_cause_key_key" to table: "alerts"
CREATE UNIQUE INDEX `alerts_cause_key_key` ON `alerts` (`cause_key`);
-- Create index "alert_office_id_id" to table: "alerts"
CREATE INDEX `alert_office_id_id` ON `alerts` (`office_id`, `id`);
-- Create index "alert_holder_office_id" to table: "alerts"
CREATE INDEX `alert_holder_office_id` ON `alerts` (`holder_office`, `id`);
-- Create index "alert_service_id_id" to table: "alerts"
CREATE INDEX `alert_service_id_id` ON `alerts` (`service_id`, `id`);
-- Create index "alert_level_id" to table: "alerts"
CREATE INDEX `alert_level_id` ON `alerts` (`level`, `id`);
-- Create index "alert_kind_id" to table: "alerts"
CREATE INDEX `alert_kind_id` ON `alerts` (`kind`, `id`);
-- Create index "alert_state_id" to table: "alerts"
CREATE INDEX `alert_state_id` ON `alerts` (`state`, `id`);
-- Create index "alert_state_snoozed_until" to table: "alerts"
CREATE INDEX `alert_state_snoozed_until` ON `alerts` (`state`, `snoozed_until`);
-- Create index "alert_clock_id" to table: "alerts"
CREATE INDEX `alert_clock_id` ON `alerts` (`clock_id`);
-- Create index "alert_escalation_id" to table: "alerts"
CREATE INDEX `alert_escalation_id` ON `alerts` (`escalation_id`);
-- Create "alert_deliveries" table
CREATE TABLE `alert_deliveries` (
  `id` text NOT NULL,
  `endpoint_id` text NOT NULL,
  `alert_id` text NOT NULL,
  `event_id` text NOT NULL,
  `event_seq` integer NOT NULL,
  `fact` text NOT NULL,
  `payload` text NOT NULL,
  `state` text NOT NULL,
  `attempts` integer NOT NULL DEFAULT (0),
  `next_at` datetime NOT NULL,
  `last_error` text NOT NULL DEFAULT (''),
  `created_at` datetime NOT NULL,
  `sent_at` datetime NULL,
  `version` integer NOT NULL DEFAULT (1),
  PRIMARY KEY (`id`)
);
-- Create index "alertdelivery_endpoint_id_event_id" to table: "alert_deliveries"
CREATE UNIQUE INDEX `alertdelivery_endpoint_id_event_id` ON `alert_deliveries` (`endpoint_id`, `event_id`);
-- Create index "alertdelivery_state_endpoint_id_event_seq" to table: "alert_deliveries"
CREATE INDEX `alertdelivery_state_endpoint_id_event_seq` ON `alert_deliveries` (`state`, `endpoint_id`, `event_seq`);
-- Create index "alertdelivery_state_id" to table: "alert_deliveries"
CREATE INDEX `alertdelivery_state_id` ON `alert_deliveries` (`state`, `id`);
-- Create "alert_endpoints" table
CREATE TABLE `alert_endpoints` (
  `id` text NOT NULL,
  `channel` text NOT NULL,
  `label` text NOT NULL DEFAULT (''),
  `person_id` text NOT NULL DEFAULT (''),
  `address` blob NULL,
  `secret` blob NULL,
  `levels` json NULL,
  `services` json NULL,
  `offices` json NULL,
  `kinds` json NULL,
  `created_at` datetime NOT NULL,
  `created_by` text NOT NULL DEFAULT (''),
  `disabled_at` datetime NULL,
  `disabled_by` text NOT NULL DEFAULT (''),
  `claimed_until` datetime NULL,
  `version` integer NOT NULL DEFAULT (1),
  PRIMARY KEY (`id`)
);
-- Create index "alertendpoint_person_id" to table: "alert_endpoints"
CREATE INDEX `alertendpoint_person_id` ON `alert_endpoints` (`person_id`);
-- Create "alert_watches" table
CREATE TABLE `alert_watches` (
  `id` text NOT NULL,
  `beyond_since` datetime NULL,
  `back_since` datetime NULL,
  `alert_id` text NOT NULL DEFAULT (''),
  `version` integer NOT NULL DEFAULT (1),
  PRIMARY KEY (`id`)
);
-- Create "audit_entries" table
CREATE TABLE `audit_entries` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `seq` integer NULL,
  `at` datetime NOT NULL,
  `actor_id` text NOT NULL DEFAULT (''),
  `body` blob NOT NULL,
  `hash` blob NULL
);
-- Create index "audit_entries_seq_key" to table: "audit_entries"
CREATE UNIQUE INDEX `audit_entries_seq_key` ON `audit_entries` (`seq`);
-- Create index "auditentry_actor_id_at" to table: "audit_entries"
CREATE INDEX `auditentry_actor_id_at` ON `audit_entries` (`actor_id`, `at`);
-- Create index "auditentry_at" to table: "audit_entries"
CREATE INDEX `auditentry_at` ON `audit_entries` (`at`);
-- Create "audit_heads" table
CREATE TABLE `audit_heads` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `hash` blob NOT NULL,
  `at` datetime NOT NULL,
  `signature` blob NOT NULL
);
-- Create "audit_subjects" table
CREATE TABLE `audit_subjects` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `entry_id` integer NOT NULL,
  `person_id` text NOT NULL DEFAULT ('')
);
-- Create index "auditsubject_person_id_entry_id" to table: "audit_subjects"
CREATE INDEX `auditsubject_person_id_entry_id` ON `audit_subjects` (`person_id`, `entry_id`);
-- Create index "auditsubject_entry_id_person_id" to table: "audit_subjects"
CREATE UNIQUE INDEX `auditsubject_entry_id_person_id` ON `audit_subjects` (`entry_id`, `person_id`);
-- Create "calls" table
CREATE TABLE `calls` (
  `id` text NOT NULL,
  `session_id` text NOT NULL DEFAULT (''),
  `counter_id` text NOT NULL DEFAULT (''),
  `operator_id` text NOT NULL DEFAULT (''),
  `at` datetime NOT NULL,
  `rule` text NOT NULL,
  `candidates` json NOT NULL,
  `waiting` integer NOT NULL DEFAULT (0),
  `leg_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `calls_legs_calls` FOREIGN KEY (`leg_id`) REFERENCES `legs` (`id`) ON DELETE NO ACTION
);
-- Create index "call_leg_id_at" to table: "calls"
CREATE INDEX `call_leg_id_at` ON `calls` (`leg_id`, `at`);
-- Create "case_acts" table
CREATE TABLE `case_acts` (
  `id` text NOT NULL,
  `ordinal` integer NOT NULL,
  `kind` text NOT NULL,
  `state` text NOT NULL,
  `ground` text NOT NULL DEFAULT (''),
  `article` text NOT NULL DEFAULT (''),
  `on_day` text NOT NULL,
  `due_on` text NOT NULL,
  `outcome` text NOT NULL DEFAULT (''),
  `term_days` integer NOT NULL DEFAULT (0),
  `used_days` integer NOT NULL DEFAULT (0),
  `late` bool NOT NULL DEFAULT (false),
  `contents` json NULL,
  `author_id` text NOT NULL DEFAULT (''),
  `made_at` datetime NOT NULL,
  `text` blob NULL,
  `answer` blob NULL,
  `answered_on` text NOT NULL,
  `answered_at` datetime NULL,
  `answered_by` text NOT NULL DEFAULT (''),
  `case_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `case_acts_case_files_acts` FOREIGN KEY (`case_id`) REFERENCES `case_files` (`id`) ON DELETE NO ACTION
);
-- Create index "caseact_case_id_ordinal" to table: "case_acts"
CREATE UNIQUE INDEX `caseact_case_id_ordinal` ON `case_acts` (`case_id`, `ordinal`);
-- Create "case_clocks" table
CREATE TABLE `case_clocks` (
  `id` text NOT NULL,
  `kind` text NOT NULL,
  `label_it` text NOT NULL,
  `label_en` text NOT NULL,
  `note_it` text NOT NULL DEFAULT (''),
  `note_en` text NOT NULL DEFAULT (''),
  `amount` integer NOT NULL,
  `unit` text NOT NULL,
  `starts_from` text NOT NULL,
  `follows` text NOT NULL DEFAULT (''),
  `on_expiry` text NOT NULL,
  `wait` bool NOT NULL DEFAULT (false),
  `national` bool NOT NULL DEFAULT (false),
  `state` text NOT NULL,
  `started_on` text NOT NULL,
  `due_on` text NOT NULL,
  `due_at` datetime NULL,
  `ended_at` datetime NULL,
  `version` integer NOT NULL DEFAULT (1),
  `case_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `case_clocks_case_files_clocks` FOREIGN KEY (`case_id`) REFERENCES `case_files` (`id`) ON DELETE NO ACTION
);
-- Create index "caseclock_case_id_kind" to table: "case_clocks"
CREATE UNIQUE INDEX `caseclock_case_id_kind` ON `case_clocks` (`case_id`, `kind`);
-- Create index "caseclock_state_due_at" to table: "case_clocks"
CREATE INDEX `caseclock_state_due_at` ON `case_clocks` (`state`, `due_at`);
-- Create "case_documents" table
CREATE TABLE `case_documents` (
  `id` text NOT NULL,
  `ordinal` integer NOT NULL,
  `document_id` text NOT NULL,
  `label_it` text NOT NULL,
  `label_en` text NOT NULL,
  `state` text NOT NULL,
  `extra` bool NOT NULL DEFAULT (false),
  `asked_by` text NOT NULL DEFAULT (''),
  `asked_at` datetime NULL,
  `received_at` datetime NULL,
  `ground` blob NULL,
  `case_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `case_documents_case_files_documents` FOREIGN KEY (`case_id`) REFERENCES `case_files` (`id`) ON DELETE NO ACTION
);
-- Create index "casedocument_case_id_ordinal" to table: "case_documents"
CREATE UNIQUE INDEX `casedocument_case_id_ordinal` ON `case_documents` (`case_id`, `ordinal`);
-- Create "case_entries" table
CREATE TABLE `case_entries` (
  `id` text NOT NULL,
  `ordinal` integer NOT NULL,
  `at` datetime NOT NULL,
  `kind` text NOT NULL,
  `actor_id` text NOT NULL DEFAULT (''),
  `on_behalf_of` text NOT NULL DEFAULT (''),
  `from_phase` text NOT NULL DEFAULT (''),
  `to_phase` text NOT NULL DEFAULT (''),
  `internal` bool NOT NULL DEFAULT (false),
  `note` blob NULL,
  `data` json NULL,
  `case_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `case_entries_case_files_entries` FOREIGN KEY (`case_id`) REFERENCES `case_files` (`id`) ON DELETE NO ACTION
);
-- Create index "caseentry_case_id_ordinal" to table: "case_entries"
CREATE UNIQUE INDEX `caseentry_case_id_ordinal` ON `case_entries` (`case_id`, `ordinal`);
-- Create "case_files" table
CREATE TABLE `case_files` (
  `id` text NOT NULL,
  `protocol` text NOT NULL,
  `service_id` text NOT NULL DEFAULT (''),
  `practice_id` text NOT NULL DEFAULT (''),
  `definition_hash` text NOT NULL DEFAULT (''),
  `plugin_version` text NOT NULL,
  `office_id` text NOT NULL DEFAULT (''),
  `phase` text NOT NULL,
  `substatus` text NOT NULL DEFAULT (''),
  `flags` json NULL,
  `priority` text NOT NULL,
  `channel` text NOT NULL,
  `confidential` bool NOT NULL DEFAULT (false),
  `degraded` bool NOT NULL DEFAULT (false),
  `applicant_id` text NOT NULL DEFAULT (''),
  `submitted_by` text NOT NULL DEFAULT (''),
  `mandate_id` text NOT NULL DEFAULT (''),
  `responsible_id` text NOT NULL DEFAULT (''),
  `answers` blob NULL,
  `decision` blob NULL,
  `content_hash` text NOT NULL DEFAULT (''),
  `visit_id` text NOT NULL DEFAULT (''),
  `leg_id` text NOT NULL DEFAULT (''),
  `intake_id` text NOT NULL DEFAULT (''),
  `linked_case_id` text NOT NULL DEFAULT (''),
  `silence` text NOT NULL,
  `filed_at` datetime NOT NULL,
  `registered_at` datetime NOT NULL,
  `due_on` text NOT NULL,
  `taken_at` datetime NULL,
  `decided_at` datetime NULL,
  `closed_at` datetime NULL,
  `decided_by` text NOT NULL DEFAULT (''),
  `reasons` blob NULL,
  `substitute_id` text NOT NULL DEFAULT (''),
  `override_note` blob NULL,
  `legal_hold` bool NOT NULL DEFAULT (false),
  `erased_at` datetime NULL,
  `updated_at` datetime NOT NULL,
  `version` integer NOT NULL DEFAULT (1),
  PRIMARY KEY (`id`)
);
-- Create index "case_files_protocol_key" to table: "case_files"
CREATE UNIQUE INDEX `case_files_protocol_key` ON `case_files` (`protocol`);
-- Create index "casefile_office_id_confidential_id" to table: "case_files"
CREATE INDEX `casefile_office_id_confidential_id` ON `case_files` (`office_id`, `confidential`, `id`);
-- Create index "casefile_office_id_confidential_phase_id" to table: "case_files"
CREATE INDEX `casefile_office_id_confidential_phase_id` ON `case_files` (`office_id`, `confidential`, `phase`, `id`);
-- Create index "casefile_office_id_confidential_service_id_id" to table: "case_files"
CREATE INDEX `casefile_office_id_confidential_service_id_id` ON `case_files` (`office_id`, `confidential`, `service_id`, `id`);
-- Create index "casefile_office_id_confidential_service_id_phase_id" to table: "case_files"
CREATE INDEX `casefile_office_id_confidential_service_id_phase_id` ON `case_files` (`office_id`, `confidential`, `service_id`, `phase`, `id`);
-- Create index "casefile_office_id_confidential_due_on_id" to table: "case_files"
CREATE INDEX `casefile_office_id_confidential_due_on_id` ON `case_files` (`office_id`, `confidential`, `due_on`, `id`);
-- Create index "casefile_office_id_confidential_phase_due_on_id" to table: "case_files"
CREATE INDEX `casefile_office_id_confidential_phase_due_on_id` ON `case_files` (`office_id`, `confidential`, `phase`, `due_on`, `id`);
-- Create index "casefile_responsible_id_office_id_confidential_id" to table: "case_files"
CREATE INDEX `casefile_responsible_id_office_id_confidential_id` ON `case_files` (`responsible_id`, `office_id`, `confidential`, `id`);
-- Create index "casefile_responsible_id_office_id_confidential_phase_id" to table: "case_files"
CREATE INDEX `casefile_responsible_id_office_id_confidential_phase_id` ON `case_files` (`responsible_id`, `office_id`, `confidential`, `phase`, `id`);
-- Create index "casefile_responsible_id_office_id_confidential_due_on_id" to table: "case_files"
CREATE INDEX `casefile_responsible_id_office_id_confidential_due_on_id` ON `case_files` (`responsible_id`, `office_id`, `confidential`, `due_on`, `id`);
-- Create index "casefile_degraded_id" to table: "case_files"
CREATE INDEX `casefile_degraded_id` ON `case_files` (`degraded`, `id`);
-- Create index "casefile_definition_hash_phase" to table: "case_files"
CREATE INDEX `casefile_definition_hash_phase` ON `case_files` (`definition_hash`, `phase`);
-- Create index "casefile_applicant_id_id" to table: "case_files"
CREATE INDEX `casefile_applicant_id_id` ON `case_files` (`applicant_id`, `id`);
-- Create index "casefile_submitted_by_id" to table: "case_files"
CREATE INDEX `casefile_submitted_by_id` ON `case_files` (`submitted_by`, `id`);
-- Create index "casefile_submitted_by_office_id_confidential_id" to table: "case_files"
CREATE INDEX `casefile_submitted_by_office_id_confidential_id` ON `case_files` (`submitted_by`, `office_id`, `confidential`, `id`);
-- Create index "casefile_closed_at_id" to table: "case_files"
CREATE INDEX `casefile_closed_at_id` ON `case_files` (`closed_at`, `id`);
-- Create index "casefile_visit_id" to table: "case_files"
CREATE INDEX `casefile_visit_id` ON `case_files` (`visit_id`);
-- Create "citizen_notices" table
CREATE TABLE `citizen_notices` (
  `id` text NOT NULL,
  `person_id` text NOT NULL DEFAULT (''),
  `escalation_id` text NOT NULL,
  `event_id` text NOT NULL,
  `fact` text NOT NULL,
  `state` text NOT NULL,
  `attempts` integer NOT NULL DEFAULT (0),
  `next_at` datetime NOT NULL,
  `last_error` text NOT NULL DEFAULT (''),
  `created_at` datetime NOT NULL,
  `sent_at` datetime NULL,
  PRIMARY KEY (`id`)
);
-- Create index "citizennotice_event_id_person_id" to table: "citizen_notices"
CREATE UNIQUE INDEX `citizennotice_event_id_person_id` ON `citizen_notices` (`event_id`, `person_id`);
-- Create index "citizennotice_state_next_at" to table: "citizen_notices"
CREATE INDEX `citizennotice_state_next_at` ON `citizen_notices` (`state`, `next_at`);
-- Create index "citizennotice_person_id" to table: "citizen_notices"
CREATE INDEX `citizennotice_person_id` ON `citizen_notices` (`person_id`);
-- Create "clock_entries" table
CREATE TABLE `clock_entries` (
  `id` text NOT NULL,
  `ordinal` integer NOT NULL,
  `effect` text NOT NULL,
  `on_day` text NOT NULL,
  `days` integer NOT NULL DEFAULT (0),
  `ground` text NOT NULL DEFAULT (''),
  `article` text NOT NULL DEFAULT (''),
  `author_id` text NOT NULL DEFAULT (''),
  `document_id` text NOT NULL DEFAULT (''),
  `recorded_at` datetime NOT NULL,
  `clock_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `clock_entries_case_clocks_entries` FOREIGN KEY (`clock_id`) REFERENCES `case_clocks` (`id`) ON DELETE NO ACTION
);
-- Create index "clockentry_clock_id_ordinal" to table: "clock_entries"
CREATE UNIQUE INDEX `clockentry_clock_id_ordinal` ON `clock_entries` (`clock_id`, `ordinal`);
-- Create "consumer_offsets" table
CREATE TABLE `consumer_offsets` (
  `id` text NOT NULL,
  `seq` integer NOT NULL DEFAULT (0),
  `updated_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create "contact_choices" table
CREATE TABLE `contact_choices` (
  `id` text NOT NULL,
  `channel` text NOT NULL,
  `address` blob NULL,
  `updated_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create "counters" table
CREATE TABLE `counters` (
  `id` text NOT NULL,
  `site_id` text NOT NULL DEFAULT (''),
  `office_id` text NOT NULL DEFAULT (''),
  `label` text NOT NULL,
  `position` integer NOT NULL DEFAULT (0),
  `skills` json NULL,
  PRIMARY KEY (`id`)
);
-- Create index "counter_site_id_position" to table: "counters"
CREATE INDEX `counter_site_id_position` ON `counters` (`site_id`, `position`);
-- Create "counter_sessions" table
CREATE TABLE `counter_sessions` (
  `id` text NOT NULL,
  `counter_id` text NOT NULL DEFAULT (''),
  `site_id` text NOT NULL DEFAULT (''),
  `office_id` text NOT NULL DEFAULT (''),
  `operator_id` text NOT NULL DEFAULT (''),
  `state` text NOT NULL,
  `opened_at` datetime NOT NULL,
  `closed_at` datetime NULL,
  `open_key` text NOT NULL,
  `version` integer NOT NULL DEFAULT (1),
  PRIMARY KEY (`id`)
);
-- Create index "counter_sessions_open_key_key" to table: "counter_sessions"
CREATE UNIQUE INDEX `counter_sessions_open_key_key` ON `counter_sessions` (`open_key`);
-- Create index "countersession_counter_id" to table: "counter_sessions"
CREATE INDEX `countersession_counter_id` ON `counter_sessions` (`counter_id`);
-- Create index "countersession_operator_id" to table: "counter_sessions"
CREATE INDEX `countersession_operator_id` ON `counter_sessions` (`operator_id`);
-- Create "credentials" table
CREATE TABLE `credentials` (
  `id` text NOT NULL,
  `secret_hash` text NOT NULL,
  `person_id` text NOT NULL DEFAULT (''),
  `site_id` text NOT NULL DEFAULT (''),
  `label` text NOT NULL DEFAULT (''),
  `created_at` datetime NOT NULL,
  `created_by` text NOT NULL DEFAULT (''),
  `expires_at` datetime NULL,
  `revoked_at` datetime NULL,
  `revoked_by` text NOT NULL DEFAULT (''),
  `replaces_id` text NOT NULL DEFAULT (''),
  PRIMARY KEY (`id`)
);
-- Create index "credentials_secret_hash_key" to table: "credentials"
CREATE UNIQUE INDEX `credentials_secret_hash_key` ON `credentials` (`secret_hash`);
-- Create index "credential_person_id" to table: "credentials"
CREATE INDEX `credential_person_id` ON `credentials` (`person_id`);
-- Create "daily_figures" table
CREATE TABLE `daily_figures` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `day` text NOT NULL,
  `figure` text NOT NULL,
  `office_id` text NOT NULL DEFAULT (''),
  `service_id` text NOT NULL DEFAULT (''),
  `practice_id` text NOT NULL DEFAULT (''),
  `level` integer NOT NULL DEFAULT (0),
  `detail` text NOT NULL DEFAULT (''),
  `measure` integer NOT NULL DEFAULT (0),
  `times` integer NOT NULL DEFAULT (0)
);
-- Create index "daily_figure_key" to table: "daily_figures"
CREATE UNIQUE INDEX `daily_figure_key` ON `daily_figures` (`day`, `figure`, `office_id`, `service_id`, `practice_id`, `level`, `detail`, `measure`);
-- Create "definitions" table
CREATE TABLE `definitions` (
  `id` text NOT NULL,
  `service_id` text NOT NULL DEFAULT (''),
  `version` text NOT NULL,
  `body` blob NOT NULL,
  `created_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create index "definition_service_id_created_at" to table: "definitions"
CREATE INDEX `definition_service_id_created_at` ON `definitions` (`service_id`, `created_at`);
-- Create "document_uploads" table
CREATE TABLE `document_uploads` (
  `id` text NOT NULL,
  `case_id` text NOT NULL,
  `document_id` text NOT NULL,
  `person_id` text NOT NULL DEFAULT (''),
  `on_behalf_of` text NOT NULL DEFAULT (''),
  `size` integer NOT NULL,
  `received` integer NOT NULL DEFAULT (0),
  `name` blob NULL,
  `content_key` blob NULL,
  `created_at` datetime NOT NULL,
  `expires_at` datetime NOT NULL,
  `version_id` text NOT NULL DEFAULT (''),
  PRIMARY KEY (`id`)
);
-- Create index "documentupload_person_id_expires_at" to table: "document_uploads"
CREATE INDEX `documentupload_person_id_expires_at` ON `document_uploads` (`person_id`, `expires_at`);
-- Create index "documentupload_expires_at_id" to table: "document_uploads"
CREATE INDEX `documentupload_expires_at_id` ON `document_uploads` (`expires_at`, `id`);
-- Create index "documentupload_case_id" to table: "document_uploads"
CREATE INDEX `documentupload_case_id` ON `document_uploads` (`case_id`);
-- Create "document_versions" table
CREATE TABLE `document_versions` (
  `id` text NOT NULL,
  `case_id` text NOT NULL,
  `document_id` text NOT NULL,
  `number` integer NOT NULL,
  `state` text NOT NULL,
  `media_type` text NOT NULL,
  `size` integer NOT NULL,
  `sha256` text NOT NULL,
  `scanner` text NOT NULL DEFAULT (''),
  `name` blob NULL,
  `content_key` blob NULL,
  `object` text NOT NULL,
  `uploaded_by` text NOT NULL DEFAULT (''),
  `on_behalf_of` text NOT NULL DEFAULT (''),
  `uploaded_at` datetime NOT NULL,
  `scanned_at` datetime NULL,
  `removed_at` datetime NULL,
  PRIMARY KEY (`id`)
);
-- Create index "documentversion_document_id_number" to table: "document_versions"
CREATE UNIQUE INDEX `documentversion_document_id_number` ON `document_versions` (`document_id`, `number`);
-- Create index "documentversion_case_id_id" to table: "document_versions"
CREATE INDEX `documentversion_case_id_id` ON `document_versions` (`case_id`, `id`);
-- Create index "documentversion_state_id" to table: "document_versions"
CREATE INDEX `documentversion_state_id` ON `document_versions` (`state`, `id`);
-- Create "escalations" table
CREATE TABLE `escalations` (
  `id` text NOT NULL,
  `ladder_id` text NOT NULL DEFAULT (''),
  `step` text NOT NULL,
  `level` integer NOT NULL,
  `kind` text NOT NULL,
  `state` text NOT NULL,
  `open_key` text NOT NULL,
  `visit_id` text NOT NULL DEFAULT (''),
  `leg_id` text NOT NULL DEFAULT (''),
  `case_id` text NOT NULL DEFAULT (''),
  `feedback_id` text NOT NULL DEFAULT (''),
  `previous_id` text NOT NULL DEFAULT (''),
  `office_id` text NOT NULL DEFAULT (''),
  `service_id` text NOT NULL DEFAULT (''),
  `owner_office` text NOT NULL DEFAULT (''),
  `owner_id` text NOT NULL DEFAULT (''),
  `previous_office` text NOT NULL DEFAULT (''),
  `previous_owner` text NOT NULL DEFAULT (''),
  `opened_by` text NOT NULL DEFAULT (''),
  `on_behalf_of` text NOT NULL DEFAULT (''),
  `confidential` bool NOT NULL DEFAULT (false),
  `reason` text NOT NULL DEFAULT (''),
  `text` blob NULL,
  `answer` blob NULL,
  `outcome` text NOT NULL DEFAULT (''),
  `act_id` text NOT NULL DEFAULT (''),
  `lapses` integer NOT NULL DEFAULT (0),
  `opened_at` datetime NOT NULL,
  `acknowledged_at` datetime NULL,
  `answered_at` datetime NULL,
  `closed_at` datetime NULL,
  `acknowledge_by` text NOT NULL,
  `due_on` text NOT NULL,
  `due_at` datetime NULL,
  `rating` integer NOT NULL DEFAULT (0),
  `version` integer NOT NULL DEFAULT (1),
  PRIMARY KEY (`id`)
);
-- Create index "escalations_open_key_key" to table: "escalations"
CREATE UNIQUE INDEX `escalations_open_key_key` ON `escalations` (`open_key`);
-- Create index "escalation_owner_office_id" to table: "escalations"
CREATE INDEX `escalation_owner_office_id` ON `escalations` (`owner_office`, `id`);
-- Create index "escalation_owner_office_confidential_case_id" to table: "escalations"
CREATE INDEX `escalation_owner_office_confidential_case_id` ON `escalations` (`owner_office`, `confidential`, `case_id`);
-- Create index "escalation_owner_id_id" to table: "escalations"
CREATE INDEX `escalation_owner_id_id` ON `escalations` (`owner_id`, `id`);
-- Create index "escalation_opened_by_id" to table: "escalations"
CREATE INDEX `escalation_opened_by_id` ON `escalations` (`opened_by`, `id`);
-- Create index "escalation_office_id_id" to table: "escalations"
CREATE INDEX `escalation_office_id_id` ON `escalations` (`office_id`, `id`);
-- Create index "escalation_level_id" to table: "escalations"
CREATE INDEX `escalation_level_id` ON `escalations` (`level`, `id`);
-- Create index "escalation_case_id" to table: "escalations"
CREATE INDEX `escalation_case_id` ON `escalations` (`case_id`);
-- Create index "escalation_visit_id" to table: "escalations"
CREATE INDEX `escalation_visit_id` ON `escalations` (`visit_id`);
-- Create index "escalation_state_due_at" to table: "escalations"
CREATE INDEX `escalation_state_due_at` ON `escalations` (`state`, `due_at`);
-- Create "events" table
CREATE TABLE `events` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `uid` text NOT NULL,
  `seq` integer NULL,
  `type` text NOT NULL,
  `at` datetime NOT NULL,
  `site_id` text NOT NULL DEFAULT (''),
  `office_id` text NOT NULL DEFAULT (''),
  `service_id` text NOT NULL DEFAULT (''),
  `visit_id` text NOT NULL DEFAULT (''),
  `leg_id` text NOT NULL DEFAULT (''),
  `counter_id` text NOT NULL DEFAULT (''),
  `case_id` text NOT NULL DEFAULT (''),
  `intake_id` text NOT NULL DEFAULT (''),
  `feedback_id` text NOT NULL DEFAULT (''),
  `escalation_id` text NOT NULL DEFAULT (''),
  `level` integer NOT NULL DEFAULT (0),
  `parties` json NULL,
  `holder_id` text NOT NULL DEFAULT (''),
  `confidential` bool NOT NULL DEFAULT (false),
  `actor` text NOT NULL DEFAULT (''),
  `on_behalf_of` text NOT NULL DEFAULT (''),
  `data` json NULL
);
-- Create index "events_uid_key" to table: "events"
CREATE UNIQUE INDEX `events_uid_key` ON `events` (`uid`);
-- Create index "events_seq_key" to table: "events"
CREATE UNIQUE INDEX `events_seq_key` ON `events` (`seq`);
-- Create index "event_case_id_seq" to table: "events"
CREATE INDEX `event_case_id_seq` ON `events` (`case_id`, `seq`);
-- Create index "event_visit_id_seq" to table: "events"
CREATE INDEX `event_visit_id_seq` ON `events` (`visit_id`, `seq`);
-- Create "feedbacks" table
CREATE TABLE `feedbacks` (
  `id` text NOT NULL,
  `contact_key` text NOT NULL,
  `visit_id` text NOT NULL DEFAULT (''),
  `leg_id` text NOT NULL DEFAULT (''),
  `case_id` text NOT NULL DEFAULT (''),
  `escalation_id` text NOT NULL DEFAULT (''),
  `level` integer NOT NULL,
  `office_id` text NOT NULL DEFAULT (''),
  `service_id` text NOT NULL DEFAULT (''),
  `channel` text NOT NULL,
  `score` integer NOT NULL,
  `cause` text NOT NULL DEFAULT (''),
  `comment` blob NULL,
  `wait_seconds` integer NOT NULL DEFAULT (0),
  `author_id` text NOT NULL DEFAULT (''),
  `at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create index "feedbacks_contact_key_key" to table: "feedbacks"
CREATE UNIQUE INDEX `feedbacks_contact_key_key` ON `feedbacks` (`contact_key`);
-- Create index "feedback_office_id_id" to table: "feedbacks"
CREATE INDEX `feedback_office_id_id` ON `feedbacks` (`office_id`, `id`);
-- Create index "feedback_level_id" to table: "feedbacks"
CREATE INDEX `feedback_level_id` ON `feedbacks` (`level`, `id`);
-- Create "former_offices" table
CREATE TABLE `former_offices` (
  `id` text NOT NULL,
  `case_id` text NOT NULL DEFAULT (''),
  `office_id` text NOT NULL DEFAULT (''),
  `confidential` bool NOT NULL DEFAULT (false),
  `since` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create index "formeroffice_office_id_case_id" to table: "former_offices"
CREATE UNIQUE INDEX `formeroffice_office_id_case_id` ON `former_offices` (`office_id`, `case_id`);
-- Create index "formeroffice_office_id_confidential_case_id" to table: "former_offices"
CREATE INDEX `formeroffice_office_id_confidential_case_id` ON `former_offices` (`office_id`, `confidential`, `case_id`);
-- Create index "formeroffice_case_id" to table: "former_offices"
CREATE INDEX `formeroffice_case_id` ON `former_offices` (`case_id`);
-- Create "idempotencies" table
CREATE TABLE `idempotencies` (
  `id` text NOT NULL,
  `actor_id` text NOT NULL DEFAULT (''),
  `mutation` text NOT NULL,
  `key` text NOT NULL,
  `input_hash` text NOT NULL,
  `result_id` text NOT NULL DEFAULT (''),
  `user_errors` json NULL,
  `at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create index "idempotency_actor_id_mutation_key" to table: "idempotencies"
CREATE UNIQUE INDEX `idempotency_actor_id_mutation_key` ON `idempotencies` (`actor_id`, `mutation`, `key`);
-- Create index "idempotency_at" to table: "idempotencies"
CREATE INDEX `idempotency_at` ON `idempotencies` (`at`);
-- Create "intakes" table
CREATE TABLE `intakes` (
  `id` text NOT NULL,
  `service_id` text NOT NULL DEFAULT (''),
  `practice_id` text NOT NULL DEFAULT (''),
  `definition_hash` text NOT NULL DEFAULT (''),
  `plugin_version` text NOT NULL,
  `status` text NOT NULL,
  `channel` text NOT NULL,
  `actor_id` text NOT NULL DEFAULT (''),
  `applicant_id` text NOT NULL DEFAULT (''),
  `visit_id` text NOT NULL DEFAULT (''),
  `leg_id` text NOT NULL DEFAULT (''),
  `case_id` text NOT NULL DEFAULT (''),
  `office_id` text NOT NULL DEFAULT (''),
  `problems` json NULL,
  `blocks` json NULL,
  `at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create index "intake_case_id" to table: "intakes"
CREATE INDEX `intake_case_id` ON `intakes` (`case_id`);
-- Create index "intake_applicant_id_at" to table: "intakes"
CREATE INDEX `intake_applicant_id_at` ON `intakes` (`applicant_id`, `at`);
-- Create index "intake_leg_id" to table: "intakes"
CREATE INDEX `intake_leg_id` ON `intakes` (`leg_id`);
-- Create "intake_drafts" table
CREATE TABLE `intake_drafts` (
  `id` text NOT NULL,
  `person_id` text NOT NULL DEFAULT (''),
  `on_behalf_of` text NOT NULL DEFAULT (''),
  `account_id` text NOT NULL DEFAULT (''),
  `service_id` text NOT NULL DEFAULT (''),
  `practice_id` text NOT NULL DEFAULT (''),
  `definition_hash` text NOT NULL DEFAULT (''),
  `answers` blob NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  `version` integer NOT NULL DEFAULT (1),
  PRIMARY KEY (`id`)
);
-- Create index "intakedraft_account_id_id" to table: "intake_drafts"
CREATE INDEX `intakedraft_account_id_id` ON `intake_drafts` (`account_id`, `id`);
-- Create index "intakedraft_person_id_id" to table: "intake_drafts"
CREATE INDEX `intakedraft_person_id_id` ON `intake_drafts` (`person_id`, `id`);
-- Create index "intakedraft_updated_at_id" to table: "intake_drafts"
CREATE INDEX `intakedraft_updated_at_id` ON `intake_drafts` (`updated_at`, `id`);
-- Create "intervals" table
CREATE TABLE `intervals` (
  `id` text NOT NULL,
  `ordinal` integer NOT NULL,
  `state` text NOT NULL,
  `actor_id` text NOT NULL DEFAULT (''),
  `from` datetime NOT NULL,
  `to` datetime NULL,
  `leg_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `intervals_legs_intervals` FOREIGN KEY (`leg_id`) REFERENCES `legs` (`id`) ON DELETE NO ACTION
);
-- Create index "interval_leg_id_ordinal" to table: "intervals"
CREATE UNIQUE INDEX `interval_leg_id_ordinal` ON `intervals` (`leg_id`, `ordinal`);
-- Create "legs" table
CREATE TABLE `legs` (
  `id` text NOT NULL,
  `ordinal` integer NOT NULL,
  `site_id` text NOT NULL DEFAULT (''),
  `office_id` text NOT NULL DEFAULT (''),
  `level` integer NOT NULL,
  `service_id` text NOT NULL DEFAULT (''),
  `practice_id` text NOT NULL DEFAULT (''),
  `state` text NOT NULL,
  `priority` text NOT NULL,
  `label` text NOT NULL,
  `senior_at` datetime NOT NULL,
  `queued_at` datetime NOT NULL,
  `called_at` datetime NULL,
  `last_called_at` datetime NULL,
  `started_at` datetime NULL,
  `ended_at` datetime NULL,
  `call_count` integer NOT NULL DEFAULT (0),
  `counter_id` text NOT NULL DEFAULT (''),
  `session_id` text NOT NULL DEFAULT (''),
  `operator_id` text NOT NULL DEFAULT (''),
  `outcome` text NOT NULL DEFAULT (''),
  `note` blob NULL,
  `promised_median_seconds` integer NOT NULL DEFAULT (0),
  `promised_p80_seconds` integer NOT NULL DEFAULT (0),
  `busy_key` text NOT NULL,
  `version` integer NOT NULL DEFAULT (1),
  `visit_id` text NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `legs_visits_legs` FOREIGN KEY (`visit_id`) REFERENCES `visits` (`id`) ON DELETE NO ACTION
);
-- Create index "legs_busy_key_key" to table: "legs"
CREATE UNIQUE INDEX `legs_busy_key_key` ON `legs` (`busy_key`);
-- Create index "leg_visit_id_ordinal" to table: "legs"
CREATE UNIQUE INDEX `leg_visit_id_ordinal` ON `legs` (`visit_id`, `ordinal`);
-- Create index "leg_office_id_state_priority_senior_at_label" to table: "legs"
CREATE INDEX `leg_office_id_state_priority_senior_at_label` ON `legs` (`office_id`, `state`, `priority`, `senior_at`, `label`);
-- Create index "leg_site_id_state" to table: "legs"
CREATE INDEX `leg_site_id_state` ON `legs` (`site_id`, `state`);
-- Create index "leg_site_id_last_called_at" to table: "legs"
CREATE INDEX `leg_site_id_last_called_at` ON `legs` (`site_id`, `last_called_at`);
-- Create index "leg_session_id" to table: "legs"
CREATE INDEX `leg_session_id` ON `legs` (`session_id`);
-- Create "mandates" table
CREATE TABLE `mandates` (
  `id` text NOT NULL,
  `principal_id` text NOT NULL DEFAULT (''),
  `delegate_id` text NOT NULL DEFAULT (''),
  `class` text NOT NULL,
  `services` json NULL,
  `from` datetime NOT NULL,
  `to` datetime NULL,
  `documents` blob NULL,
  `granted_by` text NOT NULL DEFAULT (''),
  `created_at` datetime NOT NULL,
  `revoked_at` datetime NULL,
  `revoked_by` text NOT NULL DEFAULT (''),
  PRIMARY KEY (`id`)
);
-- Create index "mandate_principal_id" to table: "mandates"
CREATE INDEX `mandate_principal_id` ON `mandates` (`principal_id`);
-- Create index "mandate_delegate_id" to table: "mandates"
CREATE INDEX `mandate_delegate_id` ON `mandates` (`delegate_id`);
-- Create "number_series" table
CREATE TABLE `number_series` (
  `id` text NOT NULL,
  `site_id` text NOT NULL DEFAULT (''),
  `letter` text NOT NULL,
  `day` text NOT NULL,
  `last` integer NOT NULL DEFAULT (0),
  PRIMARY KEY (`id`)
);
-- Create index "numberseries_site_id_letter_day" to table: "number_series"
CREATE UNIQUE INDEX `numberseries_site_id_letter_day` ON `number_series` (`site_id`, `letter`, `day`);
-- Create "offices" table
CREATE TABLE `offices` (
  `id` text NOT NULL,
  `level` integer NOT NULL,
  `title_it` text NOT NULL,
  `title_en` text NOT NULL,
  `external` bool NOT NULL DEFAULT (false),
  `position` integer NOT NULL DEFAULT (0),
  PRIMARY KEY (`id`)
);
-- Create "one_times" table
CREATE TABLE `one_times` (
  `id` text NOT NULL,
  `purpose` text NOT NULL,
  `person_id` text NOT NULL DEFAULT (''),
  `session_id` text NOT NULL DEFAULT (''),
  `data` json NULL,
  `expires_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create index "onetime_expires_at" to table: "one_times"
CREATE INDEX `onetime_expires_at` ON `one_times` (`expires_at`);
-- Create "openings" table
CREATE TABLE `openings` (
  `id` text NOT NULL,
  `person_id` text NOT NULL DEFAULT (''),
  `escalation_id` text NOT NULL DEFAULT (''),
  `case_id` text NOT NULL DEFAULT (''),
  `reason` blob NULL,
  `at` datetime NOT NULL,
  `until` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create index "opening_escalation_id_person_id_until" to table: "openings"
CREATE INDEX `opening_escalation_id_person_id_until` ON `openings` (`escalation_id`, `person_id`, `until`);
-- Create index "opening_case_id_person_id_until" to table: "openings"
CREATE INDEX `opening_case_id_person_id_until` ON `openings` (`case_id`, `person_id`, `until`);
-- Create "persons" table
CREATE TABLE `persons` (
  `id` text NOT NULL,
  `login` text NOT NULL,
  `kind` text NOT NULL,
  `label` text NOT NULL DEFAULT (''),
  `tax_code_key` text NOT NULL DEFAULT (''),
  `family_name_key` text NOT NULL DEFAULT (''),
  `sealed` blob NULL,
  `disabled` bool NOT NULL DEFAULT (false),
  `created_at` datetime NOT NULL,
  `erased_at` datetime NULL,
  PRIMARY KEY (`id`)
);
-- Create index "persons_login_key" to table: "persons"
CREATE UNIQUE INDEX `persons_login_key` ON `persons` (`login`);
-- Create index "person_tax_code_key" to table: "persons"
CREATE INDEX `person_tax_code_key` ON `persons` (`tax_code_key`);
-- Create index "person_family_name_key" to table: "persons"
CREATE INDEX `person_family_name_key` ON `persons` (`family_name_key`);
-- Create "plugin_registrations" table
CREATE TABLE `plugin_registrations` (
  `id` text NOT NULL,
  `name` text NOT NULL,
  `version` text NOT NULL,
  `sha256` text NOT NULL DEFAULT (''),
  `command` text NOT NULL DEFAULT (''),
  `args` json NULL,
  `plain_socket` bool NOT NULL DEFAULT (false),
  `bundled` bool NOT NULL DEFAULT (false),
  `standing` text NOT NULL,
  `previous_id` text NOT NULL DEFAULT (''),
  `registered_at` datetime NOT NULL,
  `registered_by` text NOT NULL DEFAULT (''),
  `disabled` text NOT NULL DEFAULT (''),
  `restarts` integer NOT NULL DEFAULT (0),
  `definition_hash` text NOT NULL DEFAULT (''),
  `practices` json NULL,
  `series` text NOT NULL DEFAULT (''),
  `state` text NOT NULL,
  `failures` integer NOT NULL DEFAULT (0),
  `last_error` text NOT NULL DEFAULT (''),
  `updated_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create index "pluginregistration_name_version" to table: "plugin_registrations"
CREATE UNIQUE INDEX `pluginregistration_name_version` ON `plugin_registrations` (`name`, `version`);
-- Create "role_assignments" table
CREATE TABLE `role_assignments` (
  `id` text NOT NULL,
  `person_id` text NOT NULL DEFAULT (''),
  `role` text NOT NULL,
  `office_id` text NOT NULL DEFAULT ('*'),
  `from` datetime NOT NULL,
  `to` datetime NULL,
  `granted_by` text NOT NULL DEFAULT (''),
  `ended_by` text NOT NULL DEFAULT (''),
  `services` json NULL,
  PRIMARY KEY (`id`)
);
-- Create index "roleassignment_person_id" to table: "role_assignments"
CREATE INDEX `roleassignment_person_id` ON `role_assignments` (`person_id`);
-- Create "sequencers" table
CREATE TABLE `sequencers` (
  `id` text NOT NULL,
  `last` integer NOT NULL DEFAULT (0),
  `holder` text NOT NULL DEFAULT (''),
  `lease_until` datetime NULL,
  `fence` integer NOT NULL DEFAULT (0),
  PRIMARY KEY (`id`)
);
-- Create "sessions" table
CREATE TABLE `sessions` (
  `id` text NOT NULL,
  `secret_hash` text NOT NULL,
  `person_id` text NOT NULL DEFAULT (''),
  `assurance` text NOT NULL,
  `issuer` text NOT NULL,
  `created_at` datetime NOT NULL,
  `expires_at` datetime NOT NULL,
  `ended_at` datetime NULL,
  PRIMARY KEY (`id`)
);
-- Create index "sessions_secret_hash_key" to table: "sessions"
CREATE UNIQUE INDEX `sessions_secret_hash_key` ON `sessions` (`secret_hash`);
-- Create index "session_person_id" to table: "sessions"
CREATE INDEX `session_person_id` ON `sessions` (`person_id`);
-- Create index "session_expires_at" to table: "sessions"
CREATE INDEX `session_expires_at` ON `sessions` (`expires_at`);
-- Create "settings" table
CREATE TABLE `settings` (
  `id` text NOT NULL,
  `value` blob NOT NULL,
  `updated_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create "sites" table
CREATE TABLE `sites` (
  `id` text NOT NULL,
  `name` text NOT NULL,
  `timezone` text NOT NULL DEFAULT ('Europe/Rome'),
  `open_hours` json NOT NULL,
  `series` json NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create "step_entries" table
CREATE TABLE `step_entries` (
  `id` text NOT NULL,
  `escalation_id` text NOT NULL,
  `ordinal` integer NOT NULL,
  `purpose` text NOT NULL,
  `effect` text NOT NULL,
  `on_day` text NOT NULL,
  `amount` integer NOT NULL DEFAULT (0),
  `unit` text NOT NULL DEFAULT (''),
  `ground` text NOT NULL DEFAULT (''),
  `recorded_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create index "stepentry_escalation_id_ordinal" to table: "step_entries"
CREATE UNIQUE INDEX `stepentry_escalation_id_ordinal` ON `step_entries` (`escalation_id`, `ordinal`);
-- Create "step_notes" table
CREATE TABLE `step_notes` (
  `id` text NOT NULL,
  `kind` text NOT NULL,
  `escalation_id` text NOT NULL,
  `case_id` text NOT NULL DEFAULT (''),
  `office_id` text NOT NULL DEFAULT (''),
  `service_id` text NOT NULL DEFAULT (''),
  `confidential` bool NOT NULL DEFAULT (false),
  `text` blob NULL,
  `author_id` text NOT NULL DEFAULT (''),
  `at` datetime NOT NULL,
  `due_on` text NOT NULL,
  `answer` blob NULL,
  `answered_by` text NOT NULL DEFAULT (''),
  `answered_at` datetime NULL,
  `version` integer NOT NULL DEFAULT (1),
  PRIMARY KEY (`id`)
);
-- Create index "stepnote_escalation_id_id" to table: "step_notes"
CREATE INDEX `stepnote_escalation_id_id` ON `step_notes` (`escalation_id`, `id`);
-- Create index "stepnote_office_id_id" to table: "step_notes"
CREATE INDEX `stepnote_office_id_id` ON `step_notes` (`office_id`, `id`);
-- Create index "stepnote_case_id" to table: "step_notes"
CREATE INDEX `stepnote_case_id` ON `step_notes` (`case_id`);
-- Create "subject_keys" table
CREATE TABLE `subject_keys` (
  `id` text NOT NULL,
  `wrapped` blob NULL,
  `created_at` datetime NOT NULL,
  `rotated_at` datetime NULL,
  `destroyed_at` datetime NULL,
  PRIMARY KEY (`id`)
);
-- Create "visits" table
CREATE TABLE `visits` (
  `id` text NOT NULL,
  `site_id` text NOT NULL DEFAULT (''),
  `day` text NOT NULL,
  `letter` text NOT NULL,
  `number` integer NOT NULL,
  `person_id` text NOT NULL DEFAULT (''),
  `issued_by` text NOT NULL DEFAULT (''),
  `code_hash` text NOT NULL DEFAULT (''),
  `channel` text NOT NULL,
  `priority` text NOT NULL,
  `language` text NOT NULL DEFAULT ('it'),
  `party_size` integer NOT NULL DEFAULT (1),
  `discreet` bool NOT NULL DEFAULT (false),
  `arrived_at` datetime NOT NULL,
  `closed_at` datetime NULL,
  `open_key` text NULL,
  `version` integer NOT NULL DEFAULT (1),
  PRIMARY KEY (`id`)
);
-- Create index "visits_open_key_key" to table: "visits"
CREATE UNIQUE INDEX `visits_open_key_key` ON `visits` (`open_key`);
-- Create index "visit_site_id_letter_day_number" to table: "visits"
CREATE UNIQUE INDEX `visit_site_id_letter_day_number` ON `visits` (`site_id`, `letter`, `day`, `number`);
-- Create index "visit_code_hash" to table: "visits"
CREATE INDEX `visit_code_hash` ON `visits` (`code_hash`);
-- Create index "visit_person_id_arrived_at" to table: "visits"
CREATE INDEX `visit_person_id_arrived_at` ON `visits` (`person_id`, `arrived_at`);
-- Create index "visit_site_id_day" to table: "visits"
CREATE INDEX `visit_site_id_day` ON `visits` (`site_id`, `day`);

