// Package bankfile writes the files that tell a bank to pay, and reads the files in
// which a bank says what it booked.
//
// Written are a payment order as ISO 20022 has it (pain.001.001.10, [WritePain001])
// and as the batch templates of Chinese corporate e-banking have it, a CSV file
// ([WritePaymentsCSV]). An [Instruction] is checked whole before the first byte is
// written, and the same instruction always makes the same bytes. What is too long
// or has characters that can't be written is refused with a [*FieldError] that
// names the field; nothing is cut except the text for the payee, see
// [Payment.Remittance].
//
// Read are statements as ISO 20022 has them (camt.053, [ReadCamt053]) and as banks
// export them, CSV files ([ReadStatementCSV]). What comes from outside is not
// trusted: size and lines are bounded, a document type is refused and so no entity is ever
// expanded, amounts are read as strictly as everywhere else, and a file is
// taken whole or refused whole, with a [*FileError] that names the line.
//
// The package is pure: it knows no database, no HTTP and no clock.
package bankfile
