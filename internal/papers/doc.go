// Package papers keeps the content of documents: how a file comes in part by part, is
// looked at, is kept sealed, and is handed out again.
//
// A file comes in over the tus protocol (resumable upload, version 1.0) for one paper of a
// case, and becomes a version of it by attachDocument. Who may is asked anew at every
// request. Until then it is nobody's document: what is not finished in time is removed.
//
// # Where it lies
//
// In a folder or in a bucket of an S3-compatible store, by gocloud.dev/blob. Everything
// there is sealed: each file, and each file on its way, has a random key of its own that
// stands in its row, sealed by the vault with the key of the applicant. Whoever destroys
// that key, or empties the row, has erased the content in all copies.
//
// # What is handed out
//
// Only what a scanner has found clean. A scanner that cannot be reached refuses nothing
// and lets nothing through: the document came in, and waits.
package papers
