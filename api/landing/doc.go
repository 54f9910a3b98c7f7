// Package landing renders the page behind a member's link: who invites to what, what it costs,
// and how to join. It is small, has no script, and loads nothing but its style sheet.
package landing
