// Package merchant stores the merchants of an alliance, which users call the shops of a
// circle, and their status. Package access, below it, says who may act for them.
package merchant
