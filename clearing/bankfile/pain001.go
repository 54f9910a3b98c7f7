package bankfile

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/lianka/lianka/clearing/reference"
)

const (
	pain001Namespace = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.10"
	xmlDateTime      = "2006-01-02T15:04:05Z07:00"
)

// WritePain001 writes an instruction as an ISO 20022 CustomerCreditTransferInitiation,
// pain.001.001.10, in UTF-8. The same instruction makes the same bytes. The error is
// a [*FieldError], before anything was written, or what w returned.
//
// Each payment's ID is its InstrId and EndToEndId. If its reference is a creditor
// reference of ISO 11649, the payee gets it as structured remittance information
// with the text behind it; otherwise the payee gets the text alone. Charges are
// shared.
func WritePain001(w io.Writer, i Instruction) error {
	total, err := i.check()
	if err != nil {
		return err
	}
	count := strconv.Itoa(len(i.Payments))
	order := pain001Order{
		ID: i.ID, Method: "TRF", Count: count, Sum: total.String(),
		ExecuteOn:   i.ExecuteOn.Format(time.DateOnly),
		Debtor:      i.Debtor.Holder,
		Account:     accountXML(i.Debtor),
		Agent:       agentXML(i.Debtor),
		ChargesBear: "SHAR",
		Transfers:   make([]pain001Transfer, len(i.Payments)),
	}
	for n, p := range i.Payments {
		order.Transfers[n] = pain001Transfer{
			InstructionID: p.id(), EndToEndID: p.id(),
			Amount:     amountXML{p.Amount.Currency().Code(), p.Amount.String()},
			Agent:      agentXML(p.Payee),
			Creditor:   p.Payee.Holder,
			Account:    accountXML(p.Payee),
			Remittance: remittanceXML(p),
		}
	}
	document := pain001Document{
		Namespace: pain001Namespace,
		Header: pain001Header{
			ID: i.ID, CreatedAt: i.CreatedAt.Format(xmlDateTime), Count: count, Sum: total.String(), Party: i.InitiatingParty,
		},
		Order: order,
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write the payment file: %w", err)
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("write the payment file: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write the payment file: %w", err)
	}
	return nil
}

// The fields stand in the order of the schema, which is the order that they must
// be written in.
type (
	pain001Document struct {
		XMLName   xml.Name      `xml:"Document"`
		Namespace string        `xml:"xmlns,attr"`
		Header    pain001Header `xml:"CstmrCdtTrfInitn>GrpHdr"`
		Order     pain001Order  `xml:"CstmrCdtTrfInitn>PmtInf"`
	}
	pain001Header struct {
		ID        string `xml:"MsgId"`
		CreatedAt string `xml:"CreDtTm"`
		Count     string `xml:"NbOfTxs"`
		Sum       string `xml:"CtrlSum"`
		Party     string `xml:"InitgPty>Nm"`
	}
	pain001Order struct {
		ID          string            `xml:"PmtInfId"`
		Method      string            `xml:"PmtMtd"`
		Count       string            `xml:"NbOfTxs"`
		Sum         string            `xml:"CtrlSum"`
		ExecuteOn   string            `xml:"ReqdExctnDt>Dt"`
		Debtor      string            `xml:"Dbtr>Nm"`
		Account     accountID         `xml:"DbtrAcct>Id"`
		Agent       agentID           `xml:"DbtrAgt>FinInstnId"`
		ChargesBear string            `xml:"ChrgBr"`
		Transfers   []pain001Transfer `xml:"CdtTrfTxInf"`
	}
	pain001Transfer struct {
		InstructionID string      `xml:"PmtId>InstrId"`
		EndToEndID    string      `xml:"PmtId>EndToEndId"`
		Amount        amountXML   `xml:"Amt>InstdAmt"`
		Agent         agentID     `xml:"CdtrAgt>FinInstnId"`
		Creditor      string      `xml:"Cdtr>Nm"`
		Account       accountID   `xml:"CdtrAcct>Id"`
		Remittance    *remittance `xml:"RmtInf"`
	}
	amountXML struct {
		Currency string `xml:"Ccy,attr"`
		Value    string `xml:",chardata"`
	}
	accountID struct {
		IBAN  string   `xml:"IBAN,omitempty"`
		Other *otherID `xml:"Othr"`
	}
	otherID struct {
		ID string `xml:"Id"`
	}
	agentID struct {
		BIC      string          `xml:"BICFI,omitempty"`
		Clearing *clearingMember `xml:"ClrSysMmbId"`
		Name     string          `xml:"Nm,omitempty"`
	}
	clearingMember struct {
		System string `xml:"ClrSysId>Cd"`
		Member string `xml:"MmbId"`
	}
	remittance struct {
		Text      string             `xml:"Ustrd,omitempty"`
		Reference *creditorReference `xml:"Strd"`
	}
	creditorReference struct {
		Type      string `xml:"CdtrRefInf>Tp>CdOrPrtry>Cd"`
		Reference string `xml:"CdtrRefInf>Ref"`
		Text      string `xml:"AddtlRmtInf,omitempty"`
	}
)

func accountXML(a Account) accountID {
	if number := CompactAccount(a.Number); validIBAN(number) {
		return accountID{IBAN: number}
	}
	return accountID{Other: &otherID{a.written()}}
}

func agentXML(a Account) agentID {
	agent := agentID{BIC: a.BIC, Name: a.Bank}
	if a.CNAPS != "" {
		agent.Clearing = &clearingMember{System: "CNAPS", Member: a.CNAPS}
	}
	return agent
}

func remittanceXML(p Payment) *remittance {
	text := p.remittance()
	switch {
	case reference.Valid(p.Reference):
		return &remittance{Reference: &creditorReference{Type: "SCOR", Reference: p.Reference, Text: text}}
	case text != "":
		return &remittance{Text: text}
	}
	return nil
}
