// Package jobs runs scheduled jobs. They have no rules of their own: they advance time in
// quiet circles, and the sequencer does the work that is due.
//
// # Why it can't move money
//
// The sequencer does releases, expiries and cut-offs before the first command at or after
// their instant, whoever sends it; see package sequencer. A job is an order without a
// command, so it only makes this happen in circles that get no commands. It may run on
// time, late, twice or in several processes: the books are the same, down to the number
// and hash of each transaction.
//
// One thing could break this. A job may run on a server whose clock is ahead, or it may
// overtake a command that was received earlier. Then it would close the month that the
// command still belongs to. So jobs lag: [AsOf] is the last whole minute that is at least
// [Lag] ago. The clocks of servers must agree to within that.
//
// # Two jobs
//
//	cron, per timezone ─▶ Sweep{timezone, as_of} ─▶ AdvanceAlliance{circle, as_of} ─▶ sequencer
//
// [MonthEnd] and [Due] are the schedules, in the timezone of the circles. A sweep
// queries the heads, one row a circle, for live circles of the timezone that have
// work due, and adds a job for each. There is a schedule for each timezone, not for each
// circle. So thousands of circles cost one cheap query every five minutes, the next
// sweep finds a new circle, and a circle that fails doesn't delay the others. Every
// process looks once a minute for new timezones. A test circle has its own clock, so
// no job advances it.
//
// The month-end has its own schedule, because people wait for it. If clocks change at
// that midnight there may be no such time of day, and cron skips it. The next sweep for
// due work then does the cut-off, some minutes later but as of the same instant.
//
// # How often a job runs
//
// The queue is river, in the database. One process, the leader, runs the schedules, and
// all processes work on the jobs. A job is identified by its arguments. As as_of is a
// whole minute, a tick that fires twice or in two processes makes only one job. A process
// sweeps as soon as it becomes the leader, and catches up on all missed ticks that way.
// A job that fails is logged and tried again after 1, 16, 81 and 256 seconds. After that
// the regular sweeps add new jobs for as long as the work is due, so nothing depends on
// a single job.
package jobs
