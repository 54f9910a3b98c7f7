// Package schema checks bodies and parameters of requests against the schemas of
// the OpenAPI document.
//
// It fails closed: [Compile] returns an error for a keyword that it does not
// enforce, so the document can't promise a check that isn't made. It is stricter
// than decoding into a struct: a field that is missing, null, unknown, given twice
// or in another case is an error that names the field. Identifiers are read by package
// identifier, so that what follows sees them as they are stored and compared. No text may hold what
// PostgreSQL can't store: NUL characters, or bytes that are not UTF-8.
//
// Bodies are checked by one walk over their tokens, without building values;
// docs/performance.md compares its cost with kin-openapi's validation.
package schema
