// Package reference makes and finds payment references: creditor references of ISO 11649,
// which every bank passes on. Their check digits catch every wrong digit, every swap of two
// neighbours, and nearly everything else.
//
//	RF39 2026 1000 0ABC 0000 042   as it is printed
//
//	RF39            a creditor reference, and its check digits
//	202610          the month
//	000ABC00        the circle's tag
//	00042           the number of the transfer in that month, up to seven digits
//
// The same circle, month and number always give the same reference. So no table is needed to
// make it unique, and one that comes back on a statement tells which transfer it belongs to.
//
// The package reads no clock and no database.
package reference
