// Package legal keeps the legal entity that each party of a circle is: the name of the
// company, and the number by which the tax office knows it. Statements print both, so that they can be
// filed. Nothing that moves money depends on it.
package legal
