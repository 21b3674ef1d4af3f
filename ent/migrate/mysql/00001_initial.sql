-- +goose Up

-- Create "one_times" table
CREATE TABLE `one_times` (
  `id` varchar(64) NOT NULL,
  `purpose` varchar(64) NOT NULL,
  `person_id` varchar(64) NOT NULL DEFAULT '',
  `session_id` varchar(64) NOT NULL DEFAULT '',
  `data` json NULL,
  `expires_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `onetime_expires_at` (`expires_at`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "sequencers" table
CREATE TABLE `sequencers` (
  `id` varchar(64) NOT NULL,
  `last` bigint NOT NULL DEFAULT 0,
  `holder` varchar(64) NOT NULL DEFAULT '',
  `lease_until` datetime(6) NULL,
  `fence` bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "alert_endpoints" table
CREATE TABLE `alert_endpoints` (
  `id` varchar(32) NOT NULL,
  `channel` varchar(24) NOT NULL,
  `label` varchar(120) NOT NULL DEFAULT '',
  `person_id` varchar(64) NOT NULL DEFAULT '',
  `address` longblob NULL,
  `secret` longblob NULL,
  `levels` json NULL,
  `services` json NULL,
  `offices` json NULL,
  `kinds` json NULL,
  `created_at` datetime(6) NOT NULL,
  `created_by` varchar(64) NOT NULL DEFAULT '',
  `disabled_at` datetime(6) NULL,
  `disabled_by` varchar(64) NOT NULL DEFAULT '',
  `claimed_until` datetime(6) NULL,
  `version` bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  INDEX `alertendpoint_person_id` (`person_id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "alert_watches" table
CREATE TABLE `alert_watches` (
  `id` varchar(160) NOT NULL,
  `beyond_since` datetime(6) NULL,
  `back_since` datetime(6) NULL,
  `alert_id` varchar(64) NOT NULL DEFAULT '',
  `version` bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "audit_entries" table
CREATE TABLE `audit_entries` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `seq` bigint NULL,
  `at` datetime(6) NOT NULL,
  `actor_id` varchar(64) NOT NULL DEFAULT '',
  `body` longblob NOT NULL,
  `hash` tinyblob NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `seq` (`seq`),
  INDEX `auditentry_actor_id_at` (`actor_id`, `at`),
  INDEX `auditentry_at` (`at`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "audit_heads" table
CREATE TABLE `audit_heads` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `hash` tinyblob NOT NULL,
  `at` datetime(6) NOT NULL,
  `signature` blob NOT NULL,
  PRIMARY KEY (`id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "audit_subjects" table
CREATE TABLE `audit_subjects` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `entry_id` bigint NOT NULL,
  `person_id` varchar(64) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`),
  INDEX `auditsubject_person_id_entry_id` (`person_id`, `entry_id`),
  UNIQUE INDEX `auditsubject_entry_id_person_id` (`entry_id`, `person_id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "visits" table
CREATE TABLE `visits` (
  `id` varchar(32) NOT NULL,
  `site_id` varchar(64) NOT NULL DEFAULT '',
  `day` varchar(10) NOT NULL,
  `letter` varchar(2) NOT NULL,
  `number` bigint NOT NULL,
  `person_id` varchar(64) NOT NULL DEFAULT '',
  `issued_by` varchar(64) NOT NULL DEFAULT '',
  `code_hash` varchar(64) NOT NULL DEFAULT '',
  `channel` varchar(24) NOT NULL,
  `priority` varchar(24) NOT NULL,
  `language` varchar(8) NOT NULL DEFAULT 'it',
  `party_size` bigint NOT NULL DEFAULT 1,
  `discreet` bool NOT NULL DEFAULT false,
  `arrived_at` datetime(6) NOT NULL,
  `closed_at` datetime(6) NULL,
  `open_key` varchar(97) NULL,
  `version` bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `open_key` (`open_key`),
  UNIQUE INDEX `visit_site_id_letter_day_number` (`site_id`, `letter`, `day`, `number`),
  INDEX `visit_code_hash` (`code_hash`),
  INDEX `visit_person_id_arrived_at` (`person_id`, `arrived_at`),
  INDEX `visit_site_id_day` (`site_id`, `day`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "subject_keys" table
CREATE TABLE `subject_keys` (
  `id` varchar(32) NOT NULL,
  `wrapped` longblob NULL,
  `created_at` datetime(6) NOT NULL,
  `rotated_at` datetime(6) NULL,
  `destroyed_at` datetime(6) NULL,
  PRIMARY KEY (`id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "step_notes" table
CREATE TABLE `step_notes` (
  `id` varchar(32) NOT NULL,
  `kind` varchar(24) NOT NULL,
  `escalation_id` varchar(32) NOT NULL,
  `case_id` varchar(64) NOT NULL DEFAULT '',
  `office_id` varchar(64) NOT NULL DEFAULT '',
  `service_id` varchar(64) NOT NULL DEFAULT '',
  `confidential` bool NOT NULL DEFAULT false,
  `text` longblob NULL,
  `author_id` varchar(64) NOT NULL DEFAULT '',
  `at` datetime(6) NOT NULL,
  `due_on` varchar(10) NOT NULL,
  `answer` longblob NULL,
  `answered_by` varchar(64) NOT NULL DEFAULT '',
  `answered_at` datetime(6) NULL,
  `version` bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  INDEX `stepnote_escalation_id_id` (`escalation_id`, `id`),
  INDEX `stepnote_office_id_id` (`office_id`, `id`),
  INDEX `stepnote_case_id` (`case_id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "step_entries" table
CREATE TABLE `step_entries` (
  `id` varchar(32) NOT NULL,
  `escalation_id` varchar(32) NOT NULL,
  `ordinal` bigint NOT NULL,
  `purpose` varchar(64) NOT NULL,
  `effect` varchar(24) NOT NULL,
  `on_day` varchar(10) NOT NULL,
  `amount` bigint NOT NULL DEFAULT 0,
  `unit` varchar(24) NOT NULL DEFAULT '',
  `ground` varchar(300) NOT NULL DEFAULT '',
  `recorded_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `stepentry_escalation_id_ordinal` (`escalation_id`, `ordinal`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "sites" table
CREATE TABLE `sites` (
  `id` varchar(32) NOT NULL,
  `name` varchar(64) NOT NULL,
  `timezone` varchar(64) NOT NULL DEFAULT 'Europe/Rome',
  `open_hours` json NOT NULL,
  `series` json NOT NULL,
  PRIMARY KEY (`id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "settings" table
CREATE TABLE `settings` (
  `id` varchar(64) NOT NULL,
  `value` longblob NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "citizen_notices" table
CREATE TABLE `citizen_notices` (
  `id` varchar(32) NOT NULL,
  `person_id` varchar(64) NOT NULL DEFAULT '',
  `escalation_id` varchar(32) NOT NULL,
  `event_id` varchar(32) NOT NULL,
  `fact` varchar(48) NOT NULL,
  `state` varchar(24) NOT NULL,
  `attempts` bigint NOT NULL DEFAULT 0,
  `next_at` datetime(6) NOT NULL,
  `last_error` varchar(300) NOT NULL DEFAULT '',
  `created_at` datetime(6) NOT NULL,
  `sent_at` datetime(6) NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `citizennotice_event_id_person_id` (`event_id`, `person_id`),
  INDEX `citizennotice_state_next_at` (`state`, `next_at`),
  INDEX `citizennotice_person_id` (`person_id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "sessions" table
CREATE TABLE `sessions` (
  `id` varchar(32) NOT NULL,
  `secret_hash` varchar(64) NOT NULL,
  `person_id` varchar(64) NOT NULL DEFAULT '',
  `assurance` varchar(64) NOT NULL,
  `issuer` varchar(191) NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `expires_at` datetime(6) NOT NULL,
  `ended_at` datetime(6) NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `secret_hash` (`secret_hash`),
  INDEX `session_person_id` (`person_id`),
  INDEX `session_expires_at` (`expires_at`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "consumer_offsets" table
CREATE TABLE `consumer_offsets` (
  `id` varchar(64) NOT NULL,
  `seq` bigint NOT NULL DEFAULT 0,
  `updated_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "contact_choices" table
CREATE TABLE `contact_choices` (
  `id` varchar(32) NOT NULL,
  `channel` varchar(24) NOT NULL,
  `address` longblob NULL,
  `updated_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "counters" table
CREATE TABLE `counters` (
  `id` varchar(32) NOT NULL,
  `site_id` varchar(64) NOT NULL DEFAULT '',
  `office_id` varchar(64) NOT NULL DEFAULT '',
  `label` varchar(32) NOT NULL,
  `position` bigint NOT NULL DEFAULT 0,
  `skills` json NULL,
  PRIMARY KEY (`id`),
  INDEX `counter_site_id_position` (`site_id`, `position`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "counter_sessions" table
CREATE TABLE `counter_sessions` (
  `id` varchar(32) NOT NULL,
  `counter_id` varchar(64) NOT NULL DEFAULT '',
  `site_id` varchar(64) NOT NULL DEFAULT '',
  `office_id` varchar(64) NOT NULL DEFAULT '',
  `operator_id` varchar(64) NOT NULL DEFAULT '',
  `state` varchar(24) NOT NULL,
  `opened_at` datetime(6) NOT NULL,
  `closed_at` datetime(6) NULL,
  `open_key` varchar(64) NOT NULL,
  `version` bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `open_key` (`open_key`),
  INDEX `countersession_counter_id` (`counter_id`),
  INDEX `countersession_operator_id` (`operator_id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "credentials" table
CREATE TABLE `credentials` (
  `id` varchar(32) NOT NULL,
  `secret_hash` varchar(64) NOT NULL,
  `person_id` varchar(64) NOT NULL DEFAULT '',
  `site_id` varchar(64) NOT NULL DEFAULT '',
  `label` varchar(120) NOT NULL DEFAULT '',
  `created_at` datetime(6) NOT NULL,
  `created_by` varchar(64) NOT NULL DEFAULT '',
  `expires_at` datetime(6) NULL,
  `revoked_at` datetime(6) NULL,
  `revoked_by` varchar(64) NOT NULL DEFAULT '',
  `replaces_id` varchar(64) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`),
  UNIQUE INDEX `secret_hash` (`secret_hash`),
  INDEX `credential_person_id` (`person_id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "daily_figures" table
CREATE TABLE `daily_figures` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `day` varchar(10) NOT NULL,
  `figure` varchar(64) NOT NULL,
  `office_id` varchar(64) NOT NULL DEFAULT '',
  `service_id` varchar(64) NOT NULL DEFAULT '',
  `practice_id` varchar(64) NOT NULL DEFAULT '',
  `level` bigint NOT NULL DEFAULT 0,
  `detail` varchar(64) NOT NULL DEFAULT '',
  `measure` bigint NOT NULL DEFAULT 0,
  `times` bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `daily_figure_key` (`day`, `figure`, `office_id`, `service_id`, `practice_id`, `level`, `detail`, `measure`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "definitions" table
CREATE TABLE `definitions` (
  `id` varchar(64) NOT NULL,
  `service_id` varchar(64) NOT NULL DEFAULT '',
  `version` varchar(64) NOT NULL,
  `body` longblob NOT NULL,
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `definition_service_id_created_at` (`service_id`, `created_at`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "document_uploads" table
CREATE TABLE `document_uploads` (
  `id` varchar(32) NOT NULL,
  `case_id` varchar(32) NOT NULL,
  `document_id` varchar(32) NOT NULL,
  `person_id` varchar(64) NOT NULL DEFAULT '',
  `on_behalf_of` varchar(64) NOT NULL DEFAULT '',
  `size` bigint NOT NULL,
  `received` bigint NOT NULL DEFAULT 0,
  `name` longblob NULL,
  `content_key` longblob NULL,
  `created_at` datetime(6) NOT NULL,
  `expires_at` datetime(6) NOT NULL,
  `version_id` varchar(64) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`),
  INDEX `documentupload_person_id_expires_at` (`person_id`, `expires_at`),
  INDEX `documentupload_expires_at_id` (`expires_at`, `id`),
  INDEX `documentupload_case_id` (`case_id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "document_versions" table
CREATE TABLE `document_versions` (
  `id` varchar(32) NOT NULL,
  `case_id` varchar(32) NOT NULL,
  `document_id` varchar(32) NOT NULL,
  `number` bigint NOT NULL,
  `state` varchar(24) NOT NULL,
  `media_type` varchar(120) NOT NULL,
  `size` bigint NOT NULL,
  `sha256` varchar(64) NOT NULL,
  `scanner` varchar(64) NOT NULL DEFAULT '',
  `name` longblob NULL,
  `content_key` longblob NULL,
  `object` varchar(64) NOT NULL,
  `uploaded_by` varchar(64) NOT NULL DEFAULT '',
  `on_behalf_of` varchar(64) NOT NULL DEFAULT '',
  `uploaded_at` datetime(6) NOT NULL,
  `scanned_at` datetime(6) NULL,
  `removed_at` datetime(6) NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `documentversion_document_id_number` (`document_id`, `number`),
  INDEX `documentversion_case_id_id` (`case_id`, `id`),
  INDEX `documentversion_state_id` (`state`, `id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "alert_deliveries" table
CREATE TABLE `alert_deliveries` (
  `id` varchar(32) NOT NULL,
  `endpoint_id` varchar(32) NOT NULL,
  `alert_id` varchar(32) NOT NULL,
  `event_id` varchar(32) NOT NULL,
  `event_seq` bigint NOT NULL,
  `fact` varchar(48) NOT NULL,
  `payload` longtext NOT NULL,
  `state` varchar(24) NOT NULL,
  `attempts` bigint NOT NULL DEFAULT 0,
  `next_at` datetime(6) NOT NULL,
  `last_error` varchar(300) NOT NULL DEFAULT '',
  `created_at` datetime(6) NOT NULL,
  `sent_at` datetime(6) NULL,
  `version` bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `alertdelivery_endpoint_id_event_id` (`endpoint_id`, `event_id`),
  INDEX `alertdelivery_state_endpoint_id_event_seq` (`state`, `endpoint_id`, `event_seq`),
  INDEX `alertdelivery_state_id` (`state`, `id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "feedbacks" table
CREATE TABLE `feedbacks` (
  `id` varchar(32) NOT NULL,
  `contact_key` varchar(64) NOT NULL,
  `visit_id` varchar(64) NOT NULL DEFAULT '',
  `leg_id` varchar(64) NOT NULL DEFAULT '',
  `case_id` varchar(64) NOT NULL DEFAULT '',
  `escalation_id` varchar(64) NOT NULL DEFAULT '',
  `level` bigint NOT NULL,
  `office_id` varchar(64) NOT NULL DEFAULT '',
  `service_id` varchar(64) NOT NULL DEFAULT '',
  `channel` varchar(24) NOT NULL,
  `score` bigint NOT NULL,
  `cause` varchar(24) NOT NULL DEFAULT '',
  `comment` longblob NULL,
  `wait_seconds` bigint NOT NULL DEFAULT 0,
  `author_id` varchar(64) NOT NULL DEFAULT '',
  `at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `contact_key` (`contact_key`),
  INDEX `feedback_office_id_id` (`office_id`, `id`),
  INDEX `feedback_level_id` (`level`, `id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "escalations" table
CREATE TABLE `escalations` (
  `id` varchar(32) NOT NULL,
  `ladder_id` varchar(64) NOT NULL DEFAULT '',
  `step` varchar(24) NOT NULL,
  `level` bigint NOT NULL,
  `kind` varchar(24) NOT NULL,
  `state` varchar(24) NOT NULL,
  `open_key` varchar(96) NOT NULL,
  `visit_id` varchar(64) NOT NULL DEFAULT '',
  `leg_id` varchar(64) NOT NULL DEFAULT '',
  `case_id` varchar(64) NOT NULL DEFAULT '',
  `feedback_id` varchar(64) NOT NULL DEFAULT '',
  `previous_id` varchar(64) NOT NULL DEFAULT '',
  `office_id` varchar(64) NOT NULL DEFAULT '',
  `service_id` varchar(64) NOT NULL DEFAULT '',
  `owner_office` varchar(64) NOT NULL DEFAULT '',
  `owner_id` varchar(64) NOT NULL DEFAULT '',
  `previous_office` varchar(64) NOT NULL DEFAULT '',
  `previous_owner` varchar(64) NOT NULL DEFAULT '',
  `opened_by` varchar(64) NOT NULL DEFAULT '',
  `on_behalf_of` varchar(64) NOT NULL DEFAULT '',
  `confidential` bool NOT NULL DEFAULT false,
  `reason` varchar(24) NOT NULL DEFAULT '',
  `text` longblob NULL,
  `answer` longblob NULL,
  `outcome` varchar(24) NOT NULL DEFAULT '',
  `act_id` varchar(64) NOT NULL DEFAULT '',
  `lapses` bigint NOT NULL DEFAULT 0,
  `opened_at` datetime(6) NOT NULL,
  `acknowledged_at` datetime(6) NULL,
  `answered_at` datetime(6) NULL,
  `closed_at` datetime(6) NULL,
  `acknowledge_by` varchar(10) NOT NULL,
  `due_on` varchar(10) NOT NULL,
  `due_at` datetime(6) NULL,
  `rating` bigint NOT NULL DEFAULT 0,
  `version` bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `open_key` (`open_key`),
  INDEX `escalation_owner_office_id` (`owner_office`, `id`),
  INDEX `escalation_owner_office_confidential_case_id` (`owner_office`, `confidential`, `case_id`),
  INDEX `escalation_owner_id_id` (`owner_id`, `id`),
  INDEX `escalation_opened_by_id` (`opened_by`, `id`),
  INDEX `escalation_office_id_id` (`office_id`, `id`),
  INDEX `escalation_level_id` (`level`, `id`),
  INDEX `escalation_case_id` (`case_id`),
  INDEX `escalation_visit_id` (`visit_id`),
  INDEX `escalation_state_due_at` (`state`, `due_at`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "former_offices" table
CREATE TABLE `former_offices` (
  `id` varchar(32) NOT NULL,
  `case_id` varchar(64) NOT NULL DEFAULT '',
  `office_id` varchar(64) NOT NULL DEFAULT '',
  `confidential` bool NOT NULL DEFAULT false,
  `since` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `formeroffice_office_id_case_id` (`office_id`, `case_id`),
  INDEX `formeroffice_office_id_confidential_case_id` (`office_id`, `confidential`, `case_id`),
  INDEX `formeroffice_case_id` (`case_id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "idempotencies" table
CREATE TABLE `idempotencies` (
  `id` varchar(32) NOT NULL,
  `actor_id` varchar(64) NOT NULL DEFAULT '',
  `mutation` varchar(64) NOT NULL,
  `key` varchar(191) NOT NULL,
  `input_hash` varchar(64) NOT NULL,
  `result_id` varchar(64) NOT NULL DEFAULT '',
  `user_errors` json NULL,
  `at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `idempotency_actor_id_mutation_key` (`actor_id`, `mutation`, `key`),
  INDEX `idempotency_at` (`at`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "intakes" table
CREATE TABLE `intakes` (
  `id` varchar(32) NOT NULL,
  `service_id` varchar(64) NOT NULL DEFAULT '',
  `practice_id` varchar(64) NOT NULL DEFAULT '',
  `definition_hash` varchar(64) NOT NULL DEFAULT '',
  `plugin_version` varchar(64) NOT NULL,
  `status` varchar(24) NOT NULL,
  `channel` varchar(24) NOT NULL,
  `actor_id` varchar(64) NOT NULL DEFAULT '',
  `applicant_id` varchar(64) NOT NULL DEFAULT '',
  `visit_id` varchar(64) NOT NULL DEFAULT '',
  `leg_id` varchar(64) NOT NULL DEFAULT '',
  `case_id` varchar(64) NOT NULL DEFAULT '',
  `office_id` varchar(64) NOT NULL DEFAULT '',
  `problems` json NULL,
  `blocks` json NULL,
  `at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `intake_case_id` (`case_id`),
  INDEX `intake_applicant_id_at` (`applicant_id`, `at`),
  INDEX `intake_leg_id` (`leg_id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "intake_drafts" table
CREATE TABLE `intake_drafts` (
  `id` varchar(32) NOT NULL,
  `person_id` varchar(64) NOT NULL DEFAULT '',
  `on_behalf_of` varchar(64) NOT NULL DEFAULT '',
  `account_id` varchar(64) NOT NULL DEFAULT '',
  `service_id` varchar(64) NOT NULL DEFAULT '',
  `practice_id` varchar(64) NOT NULL DEFAULT '',
  `definition_hash` varchar(64) NOT NULL DEFAULT '',
  `answers` longblob NULL,
  `created_at` datetime(6) NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  `version` bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  INDEX `intakedraft_account_id_id` (`account_id`, `id`),
  INDEX `intakedraft_person_id_id` (`person_id`, `id`),
  INDEX `intakedraft_updated_at_id` (`updated_at`, `id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "events" table
CREATE TABLE `events` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `uid` varchar(32) NOT NULL,
  `seq` bigint NULL,
  `type` varchar(48) NOT NULL,
  `at` datetime(6) NOT NULL,
  `site_id` varchar(64) NOT NULL DEFAULT '',
  `office_id` varchar(64) NOT NULL DEFAULT '',
  `service_id` varchar(64) NOT NULL DEFAULT '',
  `visit_id` varchar(64) NOT NULL DEFAULT '',
  `leg_id` varchar(64) NOT NULL DEFAULT '',
  `counter_id` varchar(64) NOT NULL DEFAULT '',
  `case_id` varchar(64) NOT NULL DEFAULT '',
  `intake_id` varchar(64) NOT NULL DEFAULT '',
  `feedback_id` varchar(64) NOT NULL DEFAULT '',
  `escalation_id` varchar(64) NOT NULL DEFAULT '',
  `level` bigint NOT NULL DEFAULT 0,
  `parties` json NULL,
  `holder_id` varchar(64) NOT NULL DEFAULT '',
  `confidential` bool NOT NULL DEFAULT false,
  `actor` varchar(64) NOT NULL DEFAULT '',
  `on_behalf_of` varchar(64) NOT NULL DEFAULT '',
  `data` json NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `uid` (`uid`),
  UNIQUE INDEX `seq` (`seq`),
  INDEX `event_case_id_seq` (`case_id`, `seq`),
  INDEX `event_visit_id_seq` (`visit_id`, `seq`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "role_assignments" table
CREATE TABLE `role_assignments` (
  `id` varchar(32) NOT NULL,
  `person_id` varchar(64) NOT NULL DEFAULT '',
  `role` varchar(24) NOT NULL,
  `office_id` varchar(64) NOT NULL DEFAULT '*',
  `from` datetime(6) NOT NULL,
  `to` datetime(6) NULL,
  `granted_by` varchar(64) NOT NULL DEFAULT '',
  `ended_by` varchar(64) NOT NULL DEFAULT '',
  `services` json NULL,
  PRIMARY KEY (`id`),
  INDEX `roleassignment_person_id` (`person_id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "mandates" table
CREATE TABLE `mandates` (
  `id` varchar(32) NOT NULL,
  `principal_id` varchar(64) NOT NULL DEFAULT '',
  `delegate_id` varchar(64) NOT NULL DEFAULT '',
  `class` varchar(24) NOT NULL,
  `services` json NULL,
  `from` datetime(6) NOT NULL,
  `to` datetime(6) NULL,
  `documents` longblob NULL,
  `granted_by` varchar(64) NOT NULL DEFAULT '',
  `created_at` datetime(6) NOT NULL,
  `revoked_at` datetime(6) NULL,
  `revoked_by` varchar(64) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`),
  INDEX `mandate_principal_id` (`principal_id`),
  INDEX `mandate_delegate_id` (`delegate_id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "number_series" table
CREATE TABLE `number_series` (
  `id` varchar(32) NOT NULL,
  `site_id` varchar(64) NOT NULL DEFAULT '',
  `letter` varchar(2) NOT NULL,
  `day` varchar(10) NOT NULL,
  `last` bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `numberseries_site_id_letter_day` (`site_id`, `letter`, `day`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "offices" table
CREATE TABLE `offices` (
  `id` varchar(64) NOT NULL,
  `level` bigint NOT NULL,
  `title_it` varchar(255) NOT NULL,
  `title_en` varchar(255) NOT NULL,
  `external` bool NOT NULL DEFAULT false,
  `position` bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "alerts" table
CREATE TABLE `alerts` (
  `id` varchar(32) NOT NULL,
  `cause_key` varchar(160) NOT NULL,
  `kind` varchar(24) NOT NULL,
  `level` bigint NOT NULL,
  `service_id` varchar(64) NOT NULL DEFAULT '',
  `office_id` varchar(64) NOT NULL DEFAULT '',
  `holder_office` varchar(64) NOT NULL DEFAULT '',
  `site_id` varchar(64) NOT NULL DEFAULT '',
  `case_id` varchar(64) NOT NULL DEFAULT '',
  `clock_id` varchar(64) NOT NULL DEFAULT '',
  `escalation_id` varchar(64) NOT NULL DEFAULT '',
  `reference` varchar(64) NOT NULL DEFAULT '',
  `confidential` bool NOT NULL DEFAULT false,
  `due_on` varchar(10) NOT NULL,
  `value` double NOT NULL DEFAULT 0,
  `threshold` double NOT NULL DEFAULT 0,
  `state` varchar(24) NOT NULL,
  `raised_at` datetime(6) NOT NULL,
  `acknowledged_at` datetime(6) NULL,
  `acknowledged_by` varchar(64) NOT NULL DEFAULT '',
  `snoozed_until` datetime(6) NULL,
  `handed_to` varchar(64) NOT NULL DEFAULT '',
  `resolved_at` datetime(6) NULL,
  `acts` json NOT NULL,
  `version` bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `cause_key` (`cause_key`),
  INDEX `alert_office_id_id` (`office_id`, `id`),
  INDEX `alert_holder_office_id` (`holder_office`, `id`),
  INDEX `alert_service_id_id` (`service_id`, `id`),
  INDEX `alert_level_id` (`level`, `id`),
  INDEX `alert_kind_id` (`kind`, `id`),
  INDEX `alert_state_id` (`state`, `id`),
  INDEX `alert_state_snoozed_until` (`state`, `snoozed_until`),
  INDEX `alert_clock_id` (`clock_id`),
  INDEX `alert_escalation_id` (`escalation_id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "openings" table
CREATE TABLE `openings` (
  `id` varchar(32) NOT NULL,
  `person_id` varchar(64) NOT NULL DEFAULT '',
  `escalation_id` varchar(64) NOT NULL DEFAULT '',
  `case_id` varchar(64) NOT NULL DEFAULT '',
  `reason` longblob NULL,
  `at` datetime(6) NOT NULL,
  `until` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `opening_escalation_id_person_id_until` (`escalation_id`, `person_id`, `until`),
  INDEX `opening_case_id_person_id_until` (`case_id`, `person_id`, `until`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "persons" table
CREATE TABLE `persons` (
  `id` varchar(32) NOT NULL,
  `login` varchar(191) NOT NULL,
  `kind` varchar(64) NOT NULL,
  `label` varchar(120) NOT NULL DEFAULT '',
  `tax_code_key` varchar(64) NOT NULL DEFAULT '',
  `family_name_key` varchar(64) NOT NULL DEFAULT '',
  `sealed` longblob NULL,
  `disabled` bool NOT NULL DEFAULT false,
  `created_at` datetime(6) NOT NULL,
  `erased_at` datetime(6) NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `login` (`login`),
  INDEX `person_tax_code_key` (`tax_code_key`),
  INDEX `person_family_name_key` (`family_name_key`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "plugin_registrations" table
CREATE TABLE `plugin_registrations` (
  `id` varchar(32) NOT NULL,
  `name` varchar(64) NOT NULL,
  `version` varchar(64) NOT NULL,
  `sha256` varchar(64) NOT NULL DEFAULT '',
  `command` longtext NOT NULL,
  `args` json NULL,
  `plain_socket` bool NOT NULL DEFAULT false,
  `bundled` bool NOT NULL DEFAULT false,
  `standing` varchar(64) NOT NULL,
  `previous_id` varchar(64) NOT NULL DEFAULT '',
  `registered_at` datetime(6) NOT NULL,
  `registered_by` varchar(64) NOT NULL DEFAULT '',
  `disabled` varchar(500) NOT NULL DEFAULT '',
  `restarts` bigint NOT NULL DEFAULT 0,
  `definition_hash` varchar(64) NOT NULL DEFAULT '',
  `practices` json NULL,
  `series` varchar(8) NOT NULL DEFAULT '',
  `state` varchar(64) NOT NULL,
  `failures` bigint NOT NULL DEFAULT 0,
  `last_error` varchar(500) NOT NULL DEFAULT '',
  `updated_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `pluginregistration_name_version` (`name`, `version`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "legs" table
CREATE TABLE `legs` (
  `id` varchar(32) NOT NULL,
  `ordinal` bigint NOT NULL,
  `site_id` varchar(64) NOT NULL DEFAULT '',
  `office_id` varchar(64) NOT NULL DEFAULT '',
  `level` bigint NOT NULL,
  `service_id` varchar(64) NOT NULL DEFAULT '',
  `practice_id` varchar(64) NOT NULL DEFAULT '',
  `state` varchar(24) NOT NULL,
  `priority` varchar(24) NOT NULL,
  `label` varchar(12) NOT NULL,
  `senior_at` datetime(6) NOT NULL,
  `queued_at` datetime(6) NOT NULL,
  `called_at` datetime(6) NULL,
  `last_called_at` datetime(6) NULL,
  `started_at` datetime(6) NULL,
  `ended_at` datetime(6) NULL,
  `call_count` bigint NOT NULL DEFAULT 0,
  `counter_id` varchar(64) NOT NULL DEFAULT '',
  `session_id` varchar(64) NOT NULL DEFAULT '',
  `operator_id` varchar(64) NOT NULL DEFAULT '',
  `outcome` varchar(24) NOT NULL DEFAULT '',
  `note` longblob NULL,
  `promised_median_seconds` bigint NOT NULL DEFAULT 0,
  `promised_p80_seconds` bigint NOT NULL DEFAULT 0,
  `busy_key` varchar(64) NOT NULL,
  `version` bigint NOT NULL DEFAULT 1,
  `visit_id` varchar(32) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `busy_key` (`busy_key`),
  UNIQUE INDEX `leg_visit_id_ordinal` (`visit_id`, `ordinal`),
  INDEX `leg_office_id_state_priority_senior_at_label` (`office_id`, `state`, `priority`, `senior_at`, `label`),
  INDEX `leg_site_id_state` (`site_id`, `state`),
  INDEX `leg_site_id_last_called_at` (`site_id`, `last_called_at`),
  INDEX `leg_session_id` (`session_id`),
  CONSTRAINT `legs_visits_legs` FOREIGN KEY (`visit_id`) REFERENCES `visits` (`id`) ON DELETE NO ACTION
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "calls" table
CREATE TABLE `calls` (
  `id` varchar(32) NOT NULL,
  `session_id` varchar(64) NOT NULL DEFAULT '',
  `counter_id` varchar(64) NOT NULL DEFAULT '',
  `operator_id` varchar(64) NOT NULL DEFAULT '',
  `at` datetime(6) NOT NULL,
  `rule` varchar(64) NOT NULL,
  `candidates` json NOT NULL,
  `waiting` bigint NOT NULL DEFAULT 0,
  `leg_id` varchar(32) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `call_leg_id_at` (`leg_id`, `at`),
  CONSTRAINT `calls_legs_calls` FOREIGN KEY (`leg_id`) REFERENCES `legs` (`id`) ON DELETE NO ACTION
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "case_files" table
CREATE TABLE `case_files` (
  `id` varchar(32) NOT NULL,
  `protocol` varchar(16) NOT NULL,
  `service_id` varchar(64) NOT NULL DEFAULT '',
  `practice_id` varchar(64) NOT NULL DEFAULT '',
  `definition_hash` varchar(64) NOT NULL DEFAULT '',
  `plugin_version` varchar(64) NOT NULL,
  `office_id` varchar(64) NOT NULL DEFAULT '',
  `phase` varchar(24) NOT NULL,
  `substatus` varchar(120) NOT NULL DEFAULT '',
  `flags` json NULL,
  `priority` varchar(24) NOT NULL,
  `channel` varchar(24) NOT NULL,
  `confidential` bool NOT NULL DEFAULT false,
  `degraded` bool NOT NULL DEFAULT false,
  `applicant_id` varchar(64) NOT NULL DEFAULT '',
  `submitted_by` varchar(64) NOT NULL DEFAULT '',
  `mandate_id` varchar(64) NOT NULL DEFAULT '',
  `responsible_id` varchar(64) NOT NULL DEFAULT '',
  `answers` longblob NULL,
  `decision` longblob NULL,
  `content_hash` varchar(64) NOT NULL DEFAULT '',
  `visit_id` varchar(64) NOT NULL DEFAULT '',
  `leg_id` varchar(64) NOT NULL DEFAULT '',
  `intake_id` varchar(64) NOT NULL DEFAULT '',
  `linked_case_id` varchar(64) NOT NULL DEFAULT '',
  `silence` varchar(64) NOT NULL,
  `filed_at` datetime(6) NOT NULL,
  `registered_at` datetime(6) NOT NULL,
  `due_on` varchar(10) NOT NULL,
  `taken_at` datetime(6) NULL,
  `decided_at` datetime(6) NULL,
  `closed_at` datetime(6) NULL,
  `decided_by` varchar(64) NOT NULL DEFAULT '',
  `reasons` longblob NULL,
  `substitute_id` varchar(64) NOT NULL DEFAULT '',
  `override_note` longblob NULL,
  `legal_hold` bool NOT NULL DEFAULT false,
  `erased_at` datetime(6) NULL,
  `updated_at` datetime(6) NOT NULL,
  `version` bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `protocol` (`protocol`),
  INDEX `casefile_office_id_confidential_id` (`office_id`, `confidential`, `id`),
  INDEX `casefile_office_id_confidential_phase_id` (`office_id`, `confidential`, `phase`, `id`),
  INDEX `casefile_office_id_confidential_service_id_id` (`office_id`, `confidential`, `service_id`, `id`),
  INDEX `casefile_office_id_confidential_service_id_phase_id` (`office_id`, `confidential`, `service_id`, `phase`, `id`),
  INDEX `casefile_office_id_confidential_due_on_id` (`office_id`, `confidential`, `due_on`, `id`),
  INDEX `casefile_office_id_confidential_phase_due_on_id` (`office_id`, `confidential`, `phase`, `due_on`, `id`),
  INDEX `casefile_responsible_id_office_id_confidential_id` (`responsible_id`, `office_id`, `confidential`, `id`),
  INDEX `casefile_responsible_id_office_id_confidential_phase_id` (`responsible_id`, `office_id`, `confidential`, `phase`, `id`),
  INDEX `casefile_responsible_id_office_id_confidential_due_on_id` (`responsible_id`, `office_id`, `confidential`, `due_on`, `id`),
  INDEX `casefile_degraded_id` (`degraded`, `id`),
  INDEX `casefile_definition_hash_phase` (`definition_hash`, `phase`),
  INDEX `casefile_applicant_id_id` (`applicant_id`, `id`),
  INDEX `casefile_submitted_by_id` (`submitted_by`, `id`),
  INDEX `casefile_submitted_by_office_id_confidential_id` (`submitted_by`, `office_id`, `confidential`, `id`),
  INDEX `casefile_closed_at_id` (`closed_at`, `id`),
  INDEX `casefile_visit_id` (`visit_id`)
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "case_acts" table
CREATE TABLE `case_acts` (
  `id` varchar(32) NOT NULL,
  `ordinal` bigint NOT NULL,
  `kind` varchar(24) NOT NULL,
  `state` varchar(24) NOT NULL,
  `ground` varchar(24) NOT NULL DEFAULT '',
  `article` varchar(120) NOT NULL DEFAULT '',
  `on_day` varchar(10) NOT NULL,
  `due_on` varchar(10) NOT NULL,
  `outcome` varchar(24) NOT NULL DEFAULT '',
  `term_days` bigint NOT NULL DEFAULT 0,
  `used_days` bigint NOT NULL DEFAULT 0,
  `late` bool NOT NULL DEFAULT false,
  `contents` json NULL,
  `author_id` varchar(64) NOT NULL DEFAULT '',
  `made_at` datetime(6) NOT NULL,
  `text` longblob NULL,
  `answer` longblob NULL,
  `answered_on` varchar(10) NOT NULL,
  `answered_at` datetime(6) NULL,
  `answered_by` varchar(64) NOT NULL DEFAULT '',
  `case_id` varchar(32) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `caseact_case_id_ordinal` (`case_id`, `ordinal`),
  CONSTRAINT `case_acts_case_files_acts` FOREIGN KEY (`case_id`) REFERENCES `case_files` (`id`) ON DELETE NO ACTION
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "case_clocks" table
CREATE TABLE `case_clocks` (
  `id` varchar(32) NOT NULL,
  `kind` varchar(64) NOT NULL,
  `label_it` varchar(200) NOT NULL,
  `label_en` varchar(200) NOT NULL,
  `note_it` varchar(500) NOT NULL DEFAULT '',
  `note_en` varchar(500) NOT NULL DEFAULT '',
  `amount` bigint NOT NULL,
  `unit` varchar(64) NOT NULL,
  `starts_from` varchar(64) NOT NULL,
  `follows` varchar(64) NOT NULL DEFAULT '',
  `on_expiry` varchar(64) NOT NULL,
  `wait` bool NOT NULL DEFAULT false,
  `national` bool NOT NULL DEFAULT false,
  `state` varchar(24) NOT NULL,
  `started_on` varchar(10) NOT NULL,
  `due_on` varchar(10) NOT NULL,
  `due_at` datetime(6) NULL,
  `ended_at` datetime(6) NULL,
  `version` bigint NOT NULL DEFAULT 1,
  `case_id` varchar(32) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `caseclock_case_id_kind` (`case_id`, `kind`),
  INDEX `caseclock_state_due_at` (`state`, `due_at`),
  CONSTRAINT `case_clocks_case_files_clocks` FOREIGN KEY (`case_id`) REFERENCES `case_files` (`id`) ON DELETE NO ACTION
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "case_documents" table
CREATE TABLE `case_documents` (
  `id` varchar(32) NOT NULL,
  `ordinal` bigint NOT NULL,
  `document_id` varchar(64) NOT NULL,
  `label_it` varchar(300) NOT NULL,
  `label_en` varchar(300) NOT NULL,
  `state` varchar(24) NOT NULL,
  `extra` bool NOT NULL DEFAULT false,
  `asked_by` varchar(64) NOT NULL DEFAULT '',
  `asked_at` datetime(6) NULL,
  `received_at` datetime(6) NULL,
  `ground` longblob NULL,
  `case_id` varchar(32) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `casedocument_case_id_ordinal` (`case_id`, `ordinal`),
  CONSTRAINT `case_documents_case_files_documents` FOREIGN KEY (`case_id`) REFERENCES `case_files` (`id`) ON DELETE NO ACTION
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "case_entries" table
CREATE TABLE `case_entries` (
  `id` varchar(32) NOT NULL,
  `ordinal` bigint NOT NULL,
  `at` datetime(6) NOT NULL,
  `kind` varchar(64) NOT NULL,
  `actor_id` varchar(64) NOT NULL DEFAULT '',
  `on_behalf_of` varchar(64) NOT NULL DEFAULT '',
  `from_phase` varchar(24) NOT NULL DEFAULT '',
  `to_phase` varchar(24) NOT NULL DEFAULT '',
  `internal` bool NOT NULL DEFAULT false,
  `note` longblob NULL,
  `data` json NULL,
  `case_id` varchar(32) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `caseentry_case_id_ordinal` (`case_id`, `ordinal`),
  CONSTRAINT `case_entries_case_files_entries` FOREIGN KEY (`case_id`) REFERENCES `case_files` (`id`) ON DELETE NO ACTION
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "clock_entries" table
CREATE TABLE `clock_entries` (
  `id` varchar(32) NOT NULL,
  `ordinal` bigint NOT NULL,
  `effect` varchar(24) NOT NULL,
  `on_day` varchar(10) NOT NULL,
  `days` bigint NOT NULL DEFAULT 0,
  `ground` varchar(300) NOT NULL DEFAULT '',
  `article` varchar(120) NOT NULL DEFAULT '',
  `author_id` varchar(64) NOT NULL DEFAULT '',
  `document_id` varchar(64) NOT NULL DEFAULT '',
  `recorded_at` datetime(6) NOT NULL,
  `clock_id` varchar(32) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `clockentry_clock_id_ordinal` (`clock_id`, `ordinal`),
  CONSTRAINT `clock_entries_case_clocks_entries` FOREIGN KEY (`clock_id`) REFERENCES `case_clocks` (`id`) ON DELETE NO ACTION
) CHARSET utf8mb4 COLLATE utf8mb4_bin;
-- Create "intervals" table
CREATE TABLE `intervals` (
  `id` varchar(32) NOT NULL,
  `ordinal` bigint NOT NULL,
  `state` varchar(24) NOT NULL,
  `actor_id` varchar(64) NOT NULL DEFAULT '',
  `from` datetime(6) NOT NULL,
  `to` datetime(6) NULL,
  `leg_id` varchar(32) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `interval_leg_id_ordinal` (`leg_id`, `ordinal`),
  CONSTRAINT `intervals_legs_intervals` FOREIGN KEY (`leg_id`) REFERENCES `legs` (`id`) ON DELETE NO ACTION
) CHARSET utf8mb4 COLLATE utf8mb4_bin;

