// Package jobs runs what cron starts. It has no rules of its own: it lets time pass in
// quiet circles, and the sequencer does the work that is due.
//
// # Why it can't move money
//
// Releases, expiries and cut-offs are done before the first command at or after their
// instant, whoever sends it; see package sequencer. A job is an order without a command,
// so it only ensures that this happens in a circle where nobody does anything. Whether
// it runs on time, late, twice or in several processes, the books are the same, to the
// number and hash of each transaction.
//
// One thing could break this: a job whose clock is ahead of the server that receives a
// command, or that overtakes the command, would close the month that the command still
// belongs to. So jobs lag: [AsOf] is the last whole minute that is at least [Settle] ago.
// The clocks of servers must agree to within that.
//
// # Two jobs
//
//	cron, per timezone ─▶ Sweep{timezone, as_of} ─▶ AdvanceAlliance{circle, as_of} ─▶ sequencer
//
// [MonthEnd] and [Due] are the schedules, in the timezone of the circles. A sweep
// asks the heads, one row a circle, which live circles of the timezone have
// something due, and adds a job for each of those. So there are as many schedules
// as timezones, not circles: thousands of circles cost one cheap query every five
// minutes, a new circle is found by the next sweep, and one circle that fails
// holds up no other. Every process looks once a minute for timezones that are
// new. A test circle lives by a clock of its own and is left alone.
//
// The month-end has its own schedule, because it is what people wait for. Where
// clocks change at that midnight there may be no such time of day, and cron skips
// it; the next sweep for what is due then does the cut-off, some minutes later and
// as of the same instant.
//
// # Once, at least and at most
//
// The queue is river, in the database. One process leads and runs the schedules;
// all work. A job is known by its arguments, and since as_of is a whole minute, a
// tick that fires twice, or in two processes, is one job. A process that becomes
// the leader, so also the first to start, sweeps at once, which catches up on
// missed ticks, however many. A job that fails is logged and tried again after 1,
// 16, 81 and 256 seconds; the sweeps after that begin anew for as long as the
// work is due. Nothing depends on any one job being done.
package jobs
