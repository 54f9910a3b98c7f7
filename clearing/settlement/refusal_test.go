package settlement_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lianka/lianka/clearing/sequencer"
	"github.com/lianka/lianka/clearing/settlement"
)

// wrong is a command for each code, with what has to have happened before.
var wrong = map[string]func(r *fixture) sequencer.SettlementCommand{
	settlement.CodeUnknownSettlement: func(*fixture) sequencer.SettlementCommand {
		return settlement.OpenDispute{Period: "2026-11", Party: "gym", Seq: gymToCafe}
	},
	settlement.CodeUnknownParty: func(*fixture) sequencer.SettlementCommand {
		return settlement.OpenDispute{Period: "2026-10", Party: "custody", Seq: gymToCafe}
	},
	settlement.CodeUnknownLine: func(*fixture) sequencer.SettlementCommand {
		return settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: salonToHotpot}
	},
	settlement.CodeUnknownDispute: func(*fixture) sequencer.SettlementCommand { return settlement.RefuseDispute{Dispute: 1} },
	settlement.CodeUnknownReference: func(r *fixture) sequencer.SettlementCommand {
		return settlement.ConfirmPayout{Reference: r.ref("2026-10", 2)}
	},
	settlement.CodeReviewOver: func(r *fixture) sequencer.SettlementCommand {
		r.days(3)
		return settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToCafe}
	},
	settlement.CodeAlreadyApproved: func(r *fixture) sequencer.SettlementCommand {
		r.days(3)
		return settlement.Approve{Period: "2026-10"}
	},
	settlement.CodeAlreadyDisputed: func(r *fixture) sequencer.SettlementCommand {
		r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToCafe})
		return settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToCafe}
	},
	settlement.CodeAlreadyAnswered: func(r *fixture) sequencer.SettlementCommand {
		r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToCafe})
		r.do(settlement.RefuseDispute{Dispute: 1})
		return settlement.AdjustDispute{Dispute: 1, Against: "cafe", Amount: "1.00"}
	},
	settlement.CodeDisputeOpen: func(r *fixture) sequencer.SettlementCommand {
		r.do(settlement.OpenDispute{Period: "2026-10", Party: "gym", Seq: gymToCafe})
		return settlement.Approve{Period: "2026-10"}
	},
	settlement.CodeEarlierOpen: func(r *fixture) sequencer.SettlementCommand {
		r.Settlements[0].ReviewUntil = at(time.December, 2, 0)
		r.close("2026-11", at(time.December, 1, 0), terms, false, nil)
		return settlement.Approve{Period: "2026-11"}
	},
	settlement.CodeNotApproved: func(r *fixture) sequencer.SettlementCommand {
		return settlement.ReceivePayment{Reference: r.ref("2026-10", 2), Amount: "1.00"}
	},
	settlement.CodeOlderUnpaid: func(r *fixture) sequencer.SettlementCommand {
		r.line("gym", "cafe", 100)
		r.close("2026-11", at(time.December, 1, 0), terms, false, nil)
		r.days(3)
		return settlement.ReceivePayment{Reference: r.Settlements[1].Obligations[1].Reference, Amount: "1.00"}
	},
	settlement.CodeOverPayment: func(r *fixture) sequencer.SettlementCommand {
		r.days(3)
		return settlement.ReceivePayment{Party: "gym", Amount: "120.01"}
	},
	settlement.CodeNothingDue: func(*fixture) sequencer.SettlementCommand {
		return settlement.ReceivePayment{Party: "gym", Amount: "1.00"}
	},
	settlement.CodeNothingToPay: func(r *fixture) sequencer.SettlementCommand { r.bank(); return settlement.SendPayouts{} },
	settlement.CodeAccountMissing: func(r *fixture) sequencer.SettlementCommand {
		r.Accounts = nil
		return settlement.SendPayouts{}
	},
	settlement.CodeNotSent: func(r *fixture) sequencer.SettlementCommand {
		return settlement.ReturnPayout{Reference: r.ref("2026-10", 1)}
	},
	settlement.CodeAlreadyConfirmed: func(r *fixture) sequencer.SettlementCommand {
		r.days(3)
		r.do(settlement.ConfirmPayout{Reference: r.ref("2026-10", 1)})
		return settlement.ConfirmPayout{Reference: r.ref("2026-10", 1)}
	},
	settlement.CodeInsufficientTax: func(*fixture) sequencer.SettlementCommand {
		return settlement.RemitTax{Amount: "0.01"}
	},
	settlement.CodeInsufficientDeposit: func(*fixture) sequencer.SettlementCommand {
		return settlement.ReturnDeposit{Merchant: "cafe", Amount: "1.00"}
	},
	settlement.CodePaymentsOpen: func(r *fixture) sequencer.SettlementCommand {
		r.do(settlement.LodgeDeposit{Merchant: "gym", Amount: "1.00"})
		return settlement.ReturnDeposit{Merchant: "gym", Amount: "1.00"}
	},
	settlement.CodeCustodyShort: func(r *fixture) sequencer.SettlementCommand {
		r.pass(at(time.November, 4, 0))
		r.bank("ann")
		r.float = 0
		return settlement.SendPayouts{}
	},
	settlement.CodeNotSuspended: func(*fixture) sequencer.SettlementCommand { return settlement.Reinstate{Merchant: "gym"} },
	settlement.CodeNoticeGiven: func(r *fixture) sequencer.SettlementCommand {
		r.do(settlement.GiveNotice{Merchant: "gym", LeavesAt: r.now.Add(time.Hour)})
		return settlement.GiveNotice{Merchant: "gym", LeavesAt: r.now.Add(time.Hour)}
	},
	settlement.CodeInvalidAmount: func(*fixture) sequencer.SettlementCommand {
		return settlement.Adjust{From: "gym", To: "cafe", Amount: "1.001"}
	},
	settlement.CodeAlreadySent: func(r *fixture) sequencer.SettlementCommand {
		r.days(3)
		r.bank()
		r.do(settlement.SendPayouts{})
		r.do(settlement.ReturnPayout{Reference: r.ref("2026-10", 1)})
		r.do(settlement.SendPayouts{})
		return settlement.ConfirmPayout{Reference: r.attempt("2026-10", 1, 1)}
	},
	settlement.CodeNotReceived: func(r *fixture) sequencer.SettlementCommand {
		return settlement.ReturnPayment{Reference: r.ref("2026-10", 2)}
	},
	settlement.CodeNotCustodys: func(*fixture) sequencer.SettlementCommand {
		return settlement.ImportStatement{Account: "P-gym"}
	},
	settlement.CodeUnknownBankLine: func(*fixture) sequencer.SettlementCommand { return settlement.SuspendLine{Line: 1} },
	settlement.CodeLineResolved: func(r *fixture) sequencer.SettlementCommand {
		r.load(in("1", 500))
		r.do(settlement.TickOffLine{Line: r.Lines[0].Seq, Reason: "interest"})
		return settlement.SuspendLine{Line: r.Lines[0].Seq}
	},
	settlement.CodeLineDiffers: func(r *fixture) sequencer.SettlementCommand {
		r.load(in("1", 500))
		return settlement.MatchLine{Line: r.Lines[0].Seq, Parts: []settlement.LinePart{{Reference: r.ref("2026-10", 2), Amount: "4.99"}}}
	},
	settlement.CodeNotBooked: func(r *fixture) sequencer.SettlementCommand {
		r.load(in("1", 500))
		return settlement.LinkLine{Line: r.Lines[0].Seq, Transaction: 1}
	},
	settlement.CodeInvalidInstant: func(r *fixture) sequencer.SettlementCommand {
		return settlement.GiveNotice{Merchant: "gym", LeavesAt: r.now}
	},
}

func TestEachRefusalIsReached(t *testing.T) {
	t.Parallel()
	known := []string{settlement.CodeInvalidAmount, settlement.CodeInvalidInstant} // to other commands too
	require.ElementsMatch(t, append(known, settlement.Codes()...), slices.Collect(maps.Keys(wrong)))
	require.ElementsMatch(t, declaredCodes(t), slices.Collect(maps.Keys(wrong)))
	for code, prepare := range wrong {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			r := october(t, terms, false)
			r.refused(code, prepare(r))
		})
	}
}

// declaredCodes returns the value of each constant in refusal.go.
func declaredCodes(t *testing.T) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), "refusal.go", nil, 0)
	require.NoError(t, err)
	var codes []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Code") {
			code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			codes = append(codes, code)
		}
		return true
	})
	return codes
}

// stranger is a command of somebody else.
type stranger struct{}

func (stranger) SettlementCommand() {}

// What is no command of settlement is a fault of the program, and no refusal.
func TestAStrangersCommandIsAnError(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	_, err := r.Do(stranger{}, r.now)
	require.ErrorContains(t, err, "settlement has no command")
	_, err = r.Elapse()
	require.ErrorContains(t, err, "nothing is due")
}
