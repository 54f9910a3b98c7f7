package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/lianka/lianka/alliance/store"
	"github.com/lianka/lianka/api/problem"
	"github.com/lianka/lianka/api/routes"
	"github.com/lianka/lianka/api/spec"
	"github.com/lianka/lianka/clearing"
	"github.com/lianka/lianka/clearing/settlement"
)

// ListPaymentRuns returns payment runs, the newest first.
func (h *handlers) ListPaymentRuns(ctx context.Context, r routes.ListPaymentRunsRequestObject) (routes.ListPaymentRunsResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	before, err := readNumberCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	runs, err := settlement.Runs(ctx, h.pool, sc.alliance, before, size+1)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	runs, next := cut(runs, size, sc.operation.id, func(r settlement.RunSummary) string { return strconv.FormatInt(r.Number, 10) })
	return routes.ListPaymentRuns200JSONResponse{NextCursor: next, Items: each(runs, func(r settlement.RunSummary) spec.PaymentRun {
		return spec.PaymentRun{
			Run: r.Number, MadeAt: r.MadeAt, ExecuteOn: r.ExecuteOn.Format(time.DateOnly), Total: r.Total.String(), Count: r.Count,
			Payments: []spec.PaymentOrder{},
		}
	})}, nil
}

// GetPaymentRun returns a run with its payments.
func (h *handlers) GetPaymentRun(ctx context.Context, r routes.GetPaymentRunRequestObject) (routes.GetPaymentRunResponseObject, error) {
	sc := scopeOf(ctx)
	run, err := settlement.FindRun(ctx, h.pool, sc.alliance, r.Run)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	debtor := bankAccount(run.Debtor)
	return routes.GetPaymentRun200JSONResponse{
		Run: run.Number, MadeAt: run.MadeAt, ExecuteOn: run.ExecuteOn.Format(time.DateOnly), Total: run.Total.String(), Count: run.Count, Debtor: &debtor,
		Payments: each(run.Orders, func(o settlement.PaymentOrder) spec.PaymentOrder {
			return spec.PaymentOrder{Reference: o.Reference, Attempt: o.Attempt, Amount: o.Amount.String(), Payee: bankAccount(o.Payee)}
		}),
	}, nil
}

func bankAccount(a settlement.Account) spec.BankAccount {
	return spec.BankAccount{Holder: a.Holder, Number: a.Number, Bank: given(a.Bank), Bic: given(a.BIC), Cnaps: given(a.CNAPS)}
}

// file is a file as an answer.
type file struct {
	mediaType, name string
	body            []byte
}

// VisitGetPaymentFileResponse writes the file.
func (f file) VisitGetPaymentFileResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", f.mediaType)
	w.Header().Set("Content-Disposition", `attachment; filename="`+f.name+`"`)
	_, err := w.Write(f.body)
	return err
}

// GetPaymentFile returns a run's file for the bank.
func (h *handlers) GetPaymentFile(ctx context.Context, r routes.GetPaymentFileRequestObject) (routes.GetPaymentFileResponseObject, error) {
	sc := scopeOf(ctx)
	format, extension := settlement.Pain001, ".xml"
	if r.Params.Format == spec.GetPaymentFileParamsFormatCsv {
		format, extension = settlement.CSV, ".csv"
	}
	answer := file{mediaType: format.MediaType(), name: "payment-run-" + strconv.FormatInt(r.Run, 10) + extension}
	err := clearing.Write(ctx, h.pool, func(tx clearing.Tx) (err error) {
		answer.body, err = settlement.File(ctx, tx, sc.alliance, r.Run, format)
		return err
	})
	return answer, err
}

// ListBankLines returns lines of bank statements, the newest first.
func (h *handlers) ListBankLines(ctx context.Context, r routes.ListBankLinesRequestObject) (routes.ListBankLinesResponseObject, error) {
	sc := scopeOf(ctx)
	size := pageSize(r.Params.Limit)
	before, err := readNumberCursor(sc.operation.id, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	var matched *bool
	if r.Params.Matched != nil {
		yes := *r.Params.Matched == spec.ListBankLinesParamsMatchedTrue || *r.Params.Matched == spec.ListBankLinesParamsMatchedYes
		matched = &yes
	}
	found, err := settlement.BankLines(ctx, h.pool, sc.alliance, matched, before, size+1)
	if err != nil {
		return nil, clearing.Unavailable(err)
	}
	found, next := cut(found, size, sc.operation.id, func(l *settlement.ImportedLine) string { return strconv.FormatInt(l.Seq, 10) })
	return routes.ListBankLines200JSONResponse{NextCursor: next, Items: each(found, bankLine)}, nil
}

// payee returns whose bank account a path names, if that party or member exists and
// the caller may know.
func (h *handlers) payee(ctx context.Context, kind, holder string) (settlement.Payee, error) {
	sc := scopeOf(ctx)
	sc.hide(holder)
	if kind == "member" {
		if err := sc.grant.Check("member", ""); err != nil {
			return settlement.Payee{}, err
		}
		_, err := store.FindMember(ctx, h.pool, sc.alliance, holder)
		return settlement.Payee{Member: true, Code: holder}, clearing.Unavailable(err)
	}
	if err := sc.grant.Check("party", holder); err != nil {
		return settlement.Payee{}, err
	}
	setup, err := h.setup(ctx)
	if err != nil {
		return settlement.Payee{}, err
	}
	if holder != clearing.Custody && holder != clearing.Organiser && setup.Merchants[holder] == nil {
		return settlement.Payee{}, problem.Absent("party")
	}
	return settlement.Payee{Code: holder}, nil
}

// GetBankAccount returns where somebody is paid.
func (h *handlers) GetBankAccount(ctx context.Context, r routes.GetBankAccountRequestObject) (routes.GetBankAccountResponseObject, error) {
	payee, err := h.payee(ctx, string(r.HolderKind), r.Holder)
	if err != nil {
		return nil, err
	}
	account, err := settlement.FindAccount(ctx, h.pool, scopeOf(ctx).alliance.ID, payee)
	return routes.GetBankAccount200JSONResponse(bankAccount(account)), clearing.Unavailable(err)
}

// SetBankAccount sets where somebody is paid.
func (h *handlers) SetBankAccount(ctx context.Context, r routes.SetBankAccountRequestObject) (routes.SetBankAccountResponseObject, error) {
	payee, err := h.payee(ctx, string(r.HolderKind), r.Holder)
	if err != nil {
		return nil, err
	}
	account := settlement.Account{Holder: r.Body.Holder, Number: r.Body.Number, Bank: value(r.Body.Bank), BIC: value(r.Body.Bic), CNAPS: value(r.Body.Cnaps)}
	if err := account.Validate(); err != nil {
		return nil, err
	}
	err = clearing.Write(ctx, h.pool, func(tx clearing.Tx) error {
		return settlement.SetAccount(ctx, tx, scopeOf(ctx).alliance.ID, payee, account, scopeOf(ctx).now)
	})
	return routes.SetBankAccount200JSONResponse(bankAccount(account)), err
}

// DeleteBankAccount forgets where somebody is paid.
func (h *handlers) DeleteBankAccount(ctx context.Context, r routes.DeleteBankAccountRequestObject) (routes.DeleteBankAccountResponseObject, error) {
	payee, err := h.payee(ctx, string(r.HolderKind), r.Holder)
	if err != nil {
		return nil, err
	}
	err = clearing.Write(ctx, h.pool, func(tx clearing.Tx) error {
		return settlement.DeleteAccount(ctx, tx, scopeOf(ctx).alliance.ID, payee, scopeOf(ctx).now)
	})
	return routes.DeleteBankAccount204Response{}, err
}
