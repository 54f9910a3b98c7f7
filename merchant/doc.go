// Package merchant is about the merchants of an alliance, which people call the shops of a
// circle: what is known of them, and their admission. Package access below it knows who
// may act for them.
package merchant
