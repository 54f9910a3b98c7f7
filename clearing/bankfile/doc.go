// Package bankfile writes payment orders for banks, and reads bank statements.
//
// A payment order is an ISO 20022 message (pain.001.001.10, [WritePain001]) or a CSV file in
// the batch template of Chinese corporate e-banking ([WritePaymentsCSV]). An [Instruction] is
// checked completely before the first byte is written, and the same instruction always gives
// the same bytes. A field that is too long, or has characters that can't be written, is
// refused with a [*FieldError]. Only the text for the payee may be cut, see
// [Payment.Remittance].
//
// A statement is an ISO 20022 message (camt.053, [ReadCamt053]) or a CSV file as banks export
// it ([ReadStatementCSV]). Files are not trusted: size and number of lines are bounded, a
// document type is refused so that no entity is ever expanded, and amounts are read strictly.
// A file is accepted or refused as a whole; the [*FileError] names the line.
//
// The package knows no database, no HTTP and no clock.
package bankfile
