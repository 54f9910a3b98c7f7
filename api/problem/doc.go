// Package problem turns errors into the problem details of RFC 9457 that the API
// answers with.
//
// Each error of the domain has one code, in one table; refusals of the rule books
// bring their own. Each code has one kind, which says its status, and its title and
// meaning in both languages. Tests check that no error and no code is missing. An
// error that the table doesn't know is an opaque 500, logged.
package problem
