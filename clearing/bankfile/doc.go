// Package bankfile writes payment orders for banks, and reads bank statements.
//
// A payment order is an ISO 20022 message (pain.001, [WritePain001]) or a CSV file in
// the batch template of Chinese corporate e-banking ([WritePaymentsCSV]). An [Instruction] is
// checked completely before the first byte is written, and the same instruction always gives
// the same bytes. A field that is too long, or has characters that can't be written, is
// refused with a [*FieldError]. Only the text for the payee may be cut, see
// [Payment.Remittance].
//
// A statement is an ISO 20022 message (camt.053), or CSV or XLSX as banks and wallets export it;
// [Read] tells them apart. Files are not trusted: size and number of lines are bounded, a
// document type is refused so that no entity is ever expanded, and amounts are read strictly.
//
// What a file says is read, and nothing is guessed. A file that is no statement, or doesn't say which
// way its amounts went, is refused whole by a [*FileError] that names the line. A line that can't be
// booked is kept with a [LineProblem], so that no row of a bank is ever lost.
//
// An export becomes lines in these steps: decode.go makes it UTF-8, table.go and table_xlsx.go make
// it rows; layout.go finds the header and with it the [Profile]; export.go tells lines from totals;
// export_direction.go proves the direction, and export_balances.go looks whether the balances agree.
//
// Both directions stay in one package, and so it has more files than most: they share accounts,
// the Latin text that banks take, the bounds of fields and the errors about them.
//
// The package knows no database, no HTTP and no clock.
package bankfile
