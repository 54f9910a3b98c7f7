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
	pain001Namespace     = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.10"
	pain001NamespaceSEPA = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
	xmlDateTime          = "2006-01-02T15:04:05Z07:00"

	sepaServiceLevel = "SEPA"
	sepaCharges      = "SLEV"
	sharedCharges    = "SHAR"
)

// WritePain001 writes an instruction as an ISO 20022 CustomerCreditTransferInitiation,
// pain.001.001.10, in UTF-8. The same instruction makes the same bytes. The error is
// a [*FieldError], before anything was written, or what w returned.
//
// Each payment's ID is its InstrId and EndToEndId. If its reference is a creditor
// reference of ISO 11649, the payee gets it as structured remittance information
// with the text behind it; otherwise the payee gets the text alone. Charges are
// shared.
//
// Payments in euros between accounts in SEPA are SEPA credit transfers by the European Payments
// Council's guidelines (EPC132-08): pain.001.001.09, which banks there must take, service level SEPA, charges SLEV,
// names and texts in Latin letters, banks by their BIC or not at all, and a creditor reference without a text, because
// SEPA has room for one of them.
func WritePain001(w io.Writer, i Instruction) error {
	total, err := i.check()
	if err != nil {
		return err
	}
	each, all, some := i.sepa()
	namespace, name := pain001Namespace, func(text string) string { return text }
	if some {
		if err := i.checkSEPA(each); err != nil {
			return err
		}
		namespace, name = pain001NamespaceSEPA, func(text string) string { return latin(text, mostName) }
	}
	count := strconv.Itoa(len(i.Payments))
	order := pain001Order{
		ID: i.ID, Method: "TRF", Count: count, Sum: total.String(),
		ExecuteOn: i.ExecuteOn.Format(time.DateOnly),
		Debtor:    name(i.Debtor.Holder),
		Account:   accountXML(i.Debtor),
		Agent:     agentXML(i.Debtor, some),
		Transfers: make([]pain001Transfer, len(i.Payments)),
	}
	if all {
		order.Type, order.ChargesBear = &paymentType{sepaServiceLevel}, sepaCharges
	} else if !some {
		order.ChargesBear = sharedCharges
	}
	for n, p := range i.Payments {
		t := pain001Transfer{
			InstructionID: p.id(), EndToEndID: p.id(),
			Amount:     amountXML{p.Amount.Currency().Code(), p.Amount.String()},
			Creditor:   p.Payee.Holder,
			Account:    accountXML(p.Payee),
			Remittance: remittanceXML(p, each[n]),
		}
		if agent := agentXML(p.Payee, each[n]); agent.Other == nil {
			t.Agent = &agent
		}
		if each[n] {
			t.Creditor = latin(p.Payee.Holder, mostName)
		}
		if some && !all { // some are SEPA's and some are not
			t.ChargesBear = sharedCharges
			if each[n] {
				t.Type, t.ChargesBear = &paymentType{sepaServiceLevel}, sepaCharges
			}
		}
		order.Transfers[n] = t
	}
	document := pain001Document{
		Namespace: namespace,
		Header: pain001Header{
			ID: i.ID, CreatedAt: i.CreatedAt.Format(xmlDateTime), Count: count, Sum: total.String(), Party: name(i.InitiatingParty),
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
		Type        *paymentType      `xml:"PmtTpInf"`
		ExecuteOn   string            `xml:"ReqdExctnDt>Dt"`
		Debtor      string            `xml:"Dbtr>Nm"`
		Account     accountID         `xml:"DbtrAcct>Id"`
		Agent       agentID           `xml:"DbtrAgt>FinInstnId"`
		ChargesBear string            `xml:"ChrgBr,omitempty"`
		Transfers   []pain001Transfer `xml:"CdtTrfTxInf"`
	}
	pain001Transfer struct {
		InstructionID string       `xml:"PmtId>InstrId"`
		EndToEndID    string       `xml:"PmtId>EndToEndId"`
		Type          *paymentType `xml:"PmtTpInf"`
		Amount        amountXML    `xml:"Amt>InstdAmt"`
		ChargesBear   string       `xml:"ChrgBr,omitempty"`
		Agent         *agentID     `xml:"CdtrAgt>FinInstnId"`
		Creditor      string       `xml:"Cdtr>Nm"`
		Account       accountID    `xml:"CdtrAcct>Id"`
		Remittance    *remittance  `xml:"RmtInf"`
	}
	paymentType struct {
		ServiceLevel string `xml:"SvcLvl>Cd"`
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
		Other    *otherID        `xml:"Othr"`
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

// agentXML returns the bank of an account. SEPA has it by its BIC, or as not provided.
func agentXML(a Account, sepa bool) agentID {
	switch {
	case sepa && a.BIC != "":
		return agentID{BIC: a.BIC}
	case sepa:
		return agentID{Other: &otherID{"NOTPROVIDED"}}
	}
	agent := agentID{BIC: a.BIC, Name: a.Bank}
	if a.CNAPS != "" {
		agent.Clearing = &clearingMember{System: "CNAPS", Member: a.CNAPS}
	}
	return agent
}

func remittanceXML(p Payment, sepa bool) *remittance {
	text := p.remittance()
	if sepa {
		text = latin(p.Remittance, mostRemittance)
	}
	switch {
	case reference.Valid(p.Reference) && sepa:
		return &remittance{Reference: &creditorReference{Type: "SCOR", Reference: p.Reference}}
	case reference.Valid(p.Reference):
		return &remittance{Reference: &creditorReference{Type: "SCOR", Reference: p.Reference, Text: text}}
	case text != "":
		return &remittance{Text: text}
	}
	return nil
}
