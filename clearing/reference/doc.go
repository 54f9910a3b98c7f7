// Package reference makes and finds the references by which a payment is known at
// a bank: creditor references of ISO 11649, which any bank passes on and whose
// check digits catch every wrong digit, every two neighbouring digits that were
// swapped, and nearly everything else.
//
//	RF39 2026 1000 0ABC 0000 042   as it is printed
//
//	RF39            a creditor reference, and its check digits
//	202610          the month
//	000ABC00        the circle's tag
//	00042           the number of the transfer in that month, up to seven digits
//
// The same circle, month and number always make the same reference, so it needs
// no table to be made unique in, and one that comes back on a statement says by
// itself which transfer it belongs to.
//
// The package is pure: it reads no clock and no database.
package reference
