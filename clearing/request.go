package clearing

import (
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
)

// requestKey is what makes an order idempotent in its circle.
type requestKey struct{ caller, key string }

// storedRequest is a request that was decided.
type storedRequest struct {
	hash    [32]byte
	outcome Outcome
}

// lookUpRequests finds the requests of a circle with some callers and keys.
const lookUpRequests = `
	SELECT r.caller, r.key, r.request_hash, coalesce(r.seq, 0), r.refusal IS NOT NULL, r.answer
	FROM unnest($2::text[], $3::text[]) AS o (caller, key),
	LATERAL (SELECT caller, key, request_hash, seq, refusal, answer FROM requests
	         WHERE alliance_id = $1 AND caller = o.caller AND key = o.key OFFSET 0) r`

// scanRequests reads the rows of lookUpRequests.
func scanRequests(rows pgx.Rows, into map[requestKey]storedRequest) error {
	var k requestKey
	var hash []byte
	var seq int64
	var refused bool
	var answer string
	_, err := pgx.ForEachRow(rows, []any{&k.caller, &k.key, &hash, &seq, &refused, &answer}, func() error {
		outcome := Outcome{Seq: seq, Answer: json.RawMessage(answer)}
		if refused {
			outcome.Refusal = new(Refusal)
			if err := json.Unmarshal(outcome.Answer, outcome.Refusal); err != nil {
				return err
			}
		}
		into[k] = storedRequest{[32]byte(hash), outcome}
		return nil
	})
	return err
}

// saveRequests queues the record of the orders that were decided.
func (b *batch) saveRequests(writes *pgx.Batch) {
	n := len(b.decided)
	if n == 0 {
		return
	}
	callers, keys, hashes := make([]string, n), make([]string, n), make([][]byte, n)
	received, seqs := make([]time.Time, n), make([]*int64, n)
	refusals, answers := make([]*string, n), make([]string, n)
	for row, i := range b.decided {
		order, outcome := &b.orders[i], &b.outcomes[i]
		callers[row], keys[row], hashes[row] = order.Caller, order.Key, order.Hash[:]
		received[row], answers[row] = b.instants[i], string(outcome.Answer)
		if outcome.Refusal != nil {
			refusals[row] = &outcome.Refusal.Code
		} else {
			seqs[row] = &outcome.Seq
		}
	}
	writes.Queue(`
		INSERT INTO requests (alliance_id, caller, key, request_hash, received_at, seq, refusal, answer)
		SELECT $1, caller, key, request_hash, received_at, seq, refusal, answer
		FROM unnest($2::text[], $3::text[], $4::bytea[], $5::timestamptz[], $6::bigint[], $7::text[], $8::text[])
		     AS r (caller, key, request_hash, received_at, seq, refusal, answer)`,
		b.circle, callers, keys, hashes, received, seqs, refusals, answers)
}
