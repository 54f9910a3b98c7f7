package clearing

import (
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
)

// requestKey is what makes an order idempotent in its circle.
type requestKey struct{ caller, key string }

// storedRequest is a request that an earlier batch decided.
type storedRequest struct {
	hash    []byte
	outcome Outcome
}

// queueRecall queues the look-up of orders that were decided in earlier batches.
// It comes after the lock of the head, so that it sees whatever that waited for.
func (b *batch) queueRecall(reads *pgx.Batch, circle int64) {
	callers, keys := make([]string, 0, len(b.orders)), make([]string, 0, len(b.orders))
	for i := range b.orders {
		if o := &b.orders[i]; o.Command != nil {
			callers, keys = append(callers, o.Caller), append(keys, o.Key)
		}
	}
	if len(keys) == 0 {
		return
	}
	reads.Queue(`
		SELECT r.caller, r.key, r.request_hash, coalesce(r.seq, 0), r.refusal IS NOT NULL, r.answer
		FROM unnest($2::text[], $3::text[]) AS o (caller, key),
		LATERAL (SELECT caller, key, request_hash, seq, refusal, answer FROM requests
		         WHERE alliance_id = $1 AND caller = o.caller AND key = o.key OFFSET 0) r`, circle, callers, keys).
		Query(b.recall)
}

func (b *batch) recall(rows pgx.Rows) error {
	var k requestKey
	var hash []byte
	var seq int64
	var refused bool
	var answer string
	_, err := pgx.ForEachRow(rows, []any{&k.caller, &k.key, &hash, &seq, &refused, &answer}, func() error {
		outcome := Outcome{Seq: seq, Answer: json.RawMessage(answer), Replayed: true}
		if refused {
			outcome.Refusal = new(Refusal)
			if err := json.Unmarshal(outcome.Answer, outcome.Refusal); err != nil {
				return err
			}
		}
		if b.stored == nil {
			b.stored = make(map[requestKey]storedRequest)
		}
		b.stored[k] = storedRequest{append([]byte(nil), hash...), outcome}
		return nil
	})
	return err
}

// answerStored answers the orders that were decided in earlier batches.
func (b *batch) answerStored() {
	if len(b.stored) == 0 {
		return
	}
	for i := range b.orders {
		o := &b.orders[i]
		earlier, ok := b.stored[requestKey{o.Caller, o.Key}]
		switch {
		case !ok || o.Command == nil:
		case string(earlier.hash) == string(o.Hash[:]):
			b.outcomes[i] = earlier.outcome
		default:
			b.outcomes[i] = Outcome{Refusal: conflict(o.Key)}
		}
	}
}

// answeredBefore reports whether an order was answered by recall, or answers it
// from an order before it in the batch that had its key.
func (b *batch) answeredBefore(i int) bool {
	if b.outcomes[i].Answer != nil || b.outcomes[i].Refusal != nil {
		return true
	}
	o := &b.orders[i]
	first, ok := b.seen[requestKey{o.Caller, o.Key}]
	if !ok {
		return false
	}
	if b.orders[first].Hash == o.Hash {
		b.outcomes[i] = b.outcomes[first]
		b.outcomes[i].Replayed = true
	} else {
		b.outcomes[i].Refusal = conflict(o.Key)
	}
	return true
}

// saveRequests queues the record of the orders that the segment decided.
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
		b.head.Circle.ID, callers, keys, hashes, received, seqs, refusals, answers)
}
