// Package vault seals personal data at rest and opens them again. It is the only place
// that knows keys.
//
// # The keys
//
//	key-encryption key (KEK)     in a file, or in a key management service
//	  └ the keyring of the town  the setting "keyring": three keysets, each sealed by the KEK
//	      ├ AES-256-GCM          seals the keys of persons
//	      │   └ one key a person SubjectKey.wrapped; AES-256-GCM; seals what is about that person
//	      ├ HMAC-SHA256          what a tax code or a family name is found by
//	      └ Ed25519              signs the heads of the audit
//
// What is about nobody known is sealed with a key of the town's own, which is kept like
// a person's. Destroying a person's key erases what is about them, wherever it stands,
// in copies too.
//
// # What a sealed value is bound to
//
// The associated data of a value are the town, its table, column and row, and the
// person: a value that is moved to another place, or said to be about somebody else,
// does not open. The sealed form is a byte for the version, the length of the person's
// id, the id, and the ciphertext.
//
// # Who reads
//
// [Vault.Open] and [Vault.OpenAll] note what was opened on the trail of whoever asks
// (see access.NoteRead), unless the house itself does, under access.System.
//
// # Keys in memory
//
// The keys of some thousand persons are kept opened, each for some seconds at most
// (see [keyLife]). A key that this process destroys is forgotten at once, before the
// transaction is over; another process forgets it within that time, because it reads
// the row again.
//
// # A key management service
//
// Whatever gives a tink.AEAD can be the KEK, such as the clients of Tink's own modules
// for AWS, Google Cloud and HashiCorp Vault:
//
//	client, err := hcvault.NewClient("hcvault://vault.comune:8200/", tlsConfig, token)
//	key, err := client.GetAEAD("hcvault://vault.comune:8200/transit/keys/sportello")
//	v, err := vault.New(ctx, store, vault.KMS("hcvault transit/keys/sportello", key))
//
// # Rotation
//
// [Vault.Rotate] gives the town a new key and seals the persons' keys with it, batch by
// batch, while the house works. The keys of persons and of the keyed hash stay: values
// would have to be written again one by one, and the hash key has no bearing on what is
// sealed (a stolen hash key finds persons whose tax code is known already).
package vault
