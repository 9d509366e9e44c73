#include "platform/db/postgres_link.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "base/bug.h"
#include "base/log.h"
#include "platform/i18n/explanation.h"

#define CONNECT_PATIENCE (5 * USEC_SECOND) /* for one try */
#define REPLACEABLE_PATIENCE USEC_SECOND
#define TRIES_MOST 6
#define PAUSE_FIRST 100000 /* microseconds; doubled by each try */
#define REST_PATIENCE 20000 /* for rows that are on their way anyway */
#define STOP_PATIENCE (3 * USEC_SECOND)
#define POLL_MILLISECONDS 20

/* Codes that our functions in the database raise (records/postgres_functions.sql). */
#define RAISED_DATA "PV001"
#define RAISED_QUERY "PV002"

/* ---- waiting ---- */

static bool wait_until_ready(int socket, short events)
{
    struct pollfd ready = {.fd = socket, .events = events};
    return poll(&ready, 1, POLL_MILLISECONDS) != 0;
}

static enum err lose(struct scope *scope, struct postgres_link *link, str cause)
{
    link->is_broken = true;
    return fail_with_cause(scope, ERR_BUSY, cause,
                           "The database cannot be reached at the moment. Try again in a few seconds.");
}

/* Whether all results came before the time is over. */
static bool drain_until(struct postgres_link *link, usec until)
{
    for (;;) {
        while (PQisBusy(link->handle)) {
            if (clock_monotonic() > until) {
                return false;
            }
            if (wait_until_ready(PQsocket(link->handle), POLLIN) && !PQconsumeInput(link->handle)) {
                return false;
            }
        }
        PGresult *result = PQgetResult(link->handle);
        if (!result) {
            return true;
        }
        ExecStatusType status = PQresultStatus(result);
        PQclear(result);
        if (status == PGRES_COPY_IN) {
            PQputCopyEnd(link->handle, "stopped");
        } else if (status == PGRES_PIPELINE_SYNC) {
            return true;
        }
    }
}

void postgres_stop(struct postgres_link *link)
{
    char error[256];
    if (link->is_broken || PQtransactionStatus(link->handle) != PQTRANS_ACTIVE) {
        return;
    }
    if (drain_until(link, clock_monotonic() + REST_PATIENCE)) {
        return;
    }
    if (!link->cancel || !PQcancel(link->cancel, error, sizeof(error)) ||
        !drain_until(link, clock_monotonic() + STOP_PATIENCE)) {
        link->is_broken = true;
    }
}

enum err postgres_result(struct scope *scope, struct postgres_link *link, PGresult **ret_result)
{
    while (PQisBusy(link->handle)) {
        enum err result = scope_check(scope);
        if (result != ERR_OK) {
            postgres_stop(link);
            return result;
        }
        if (wait_until_ready(PQsocket(link->handle), POLLIN) && !PQconsumeInput(link->handle)) {
            return lose(scope, link, str_from(PQerrorMessage(link->handle)));
        }
    }
    *ret_result = PQgetResult(link->handle);
    return ERR_OK;
}

enum err postgres_drain(struct scope *scope, struct postgres_link *link)
{
    enum err outcome = ERR_OK;
    for (;;) {
        PGresult *result;
        TRY(postgres_result(scope, link, &result));
        if (!result) {
            return outcome;
        }
        if (outcome == ERR_OK && (PQresultStatus(result) == PGRES_FATAL_ERROR ||
                                  PQresultStatus(result) == PGRES_BAD_RESPONSE)) {
            outcome = postgres_report(scope, link, result);
        }
        PQclear(result);
        if (PQstatus(link->handle) == CONNECTION_BAD) {
            return outcome != ERR_OK ? outcome
                                     : lose(scope, link, str_from(PQerrorMessage(link->handle)));
        }
    }
}

/* ---- errors ---- */

static bool is_code(const char *code, const char *expected)
{
    return strncmp(code, expected, strlen(expected)) == 0;
}

/* The server ends, begins, or has become one that only reads: another connection may be better. */
static bool ends_connection(const char *code)
{
    return is_code(code, "57P") || is_code(code, "08") || is_code(code, "25006");
}

bool postgres_is_lost(const struct postgres_link *link)
{
    return link->is_broken || PQstatus(link->handle) == CONNECTION_BAD;
}

enum err postgres_report(struct scope *scope, struct postgres_link *link, const PGresult *result)
{
    const char *code = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    str cause = str_from(text ? text : PQerrorMessage(link->handle));
    if (!code || ends_connection(code)) {
        return lose(scope, link, cause);
    }
    if (is_code(code, "57014")) {
        enum err stopped = scope_check(scope);
        return stopped != ERR_OK ? stopped
                                 : fail(scope, ERR_CANCELLED, "The request was cancelled.");
    }
    if (is_code(code, RAISED_DATA)) {
        return fail_with_cause(scope, ERR_DATA, cause, "%.*s", STR_ARG(cause));
    }
    if (is_code(code, RAISED_QUERY)) {
        return fail_with_cause(scope, ERR_QUERY, cause, "ODSQL query is malformed: %.*s.",
                               STR_ARG(cause));
    }
    if (is_code(code, "23")) {
        return fail_with_cause(scope, ERR_CONFLICT, cause,
                               "The change collides with what the catalogue holds (%.*s).",
                               STR_ARG(cause));
    }
    if (is_code(code, "0A")) {
        return fail_with_cause(scope, ERR_QUERY, cause,
                               "ODSQL query is malformed: the database cannot answer this about records that "
                               "are distributed over several servers (%.*s).", STR_ARG(cause));
    }
    if (is_code(code, "22")) {
        return fail_with_cause(scope, ERR_QUERY, cause,
                               "ODSQL query is malformed: a value is out of range.");
    }
    if (is_code(code, "53100") || is_code(code, "58030")) {
        return fail_with_cause(scope, ERR_BUSY, cause,
                               "The database has no room left, so nothing was changed. Its "
                               "administrators have to make room.");
    }
    if (is_code(code, "53200") || is_code(code, "53400") || is_code(code, "54")) {
        return fail_in_words_because(scope, ERR_BUSY, cause, MSG_FAULT_MEMORY, NULL);
    }
    if (is_code(code, "40") || is_code(code, "55P03") || is_code(code, "53")) {
        return fail_with_cause(scope, ERR_BUSY, cause, "The database is busy. Try again in a moment.");
    }
    if (is_code(code, "42P01") && str_find(cause, S("parvis_records."), 0) != SIZE_MAX) {
        return fail_with_cause(scope, ERR_BUSY, cause,
                               "The records have just been replaced. Try again in a moment.");
    }
    return fail_with_cause(scope, ERR_DATABASE, cause, "The database failed.");
}

/* ---- connecting ---- */

static void pause_for(usec duration)
{
    struct timespec time = {(time_t)(duration / USEC_SECOND),
                            (long)(duration % USEC_SECOND) * 1000};
    nanosleep(&time, NULL);
}

static enum err poll_connection(struct scope *scope, struct postgres_link *link, usec patience)
{
    usec until = clock_monotonic() + patience;
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
        TRY(scope_check(scope));
        if (clock_monotonic() > until) {
            return lose(scope, link, S("connecting takes too long"));
        }
        if (wait_until_ready(PQsocket(link->handle),
                             state == PGRES_POLLING_READING ? POLLIN : POLLOUT)) {
            state = PQconnectPoll(link->handle);
        }
    }
    return state == PGRES_POLLING_OK ? ERR_OK
                                     : lose(scope, link, str_from(PQerrorMessage(link->handle)));
}

/* What the server says besides answers is in its own log. */
static void ignore_notice(void *user, const PGresult *notice)
{
    (void)user;
    (void)notice;
}

static enum err try_connection(struct scope *scope, const struct postgres_instance *instance,
                               struct postgres_link *link)
{
    /* Later settings have precedence over those of the URL, and these are not for the URL to change. */
    const char *const keys[] = {"keepalives_idle", "keepalives_interval", "keepalives_count",
                                "tcp_user_timeout", "dbname", "client_encoding", NULL};
    const char *const values[] = {"10", "5", "3", "15000", instance->url, "UTF8", NULL};
    *link = (struct postgres_link){.handle = PQconnectStartParams(keys, values, 1)};
    if (!link->handle) {
        bug_out_of_memory(1);
    }
    if (PQstatus(link->handle) == CONNECTION_BAD) {
        return lose(scope, link, str_from(PQerrorMessage(link->handle)));
    }
    PQsetNoticeReceiver(link->handle, ignore_notice, NULL);
    TRY(poll_connection(scope, link,
                        instance->is_replaceable ? REPLACEABLE_PATIENCE : CONNECT_PATIENCE));
    link->cancel = PQgetCancel(link->handle);
    if (!PQsendQuery(link->handle, instance->settings)) {
        return lose(scope, link, str_from(PQerrorMessage(link->handle)));
    }
    return postgres_drain(scope, link);
}

void postgres_disconnect(struct postgres_link *link)
{
    PQfreeCancel(link->cancel);
    PQfinish(link->handle);
    *link = (struct postgres_link){.is_broken = true};
}

/* A password or a name that is refused is refused again. */
static bool may_help_later(const struct postgres_link *link)
{
    const char *text = link->handle ? PQerrorMessage(link->handle) : "";
    return !strstr(text, "authentication failed") && !strstr(text, "does not exist") &&
           !strstr(text, "invalid");
}

/* While the server is known to be gone one try is enough, so that requests do not queue up. */
enum err postgres_connect(struct scope *scope, struct postgres_instance *instance,
                          struct postgres_link *link)
{
    int tries = instance->is_replaceable || atomic_load(&instance->lost_at) ? 1 : TRIES_MOST;
    usec pause = PAUSE_FIRST;
    for (int i = 1;; i++) {
        enum err result = try_connection(scope, instance, link);
        if (result == ERR_OK) {
            if (atomic_exchange(&instance->lost_at, 0)) {
                log_event(EV_DATABASE_BACK, "the database answers again");
            }
            return ERR_OK;
        }
        bool is_lost = result == ERR_BUSY && link->is_broken;
        bool is_refused = is_lost && !may_help_later(link);
        postgres_disconnect(link);
        if (is_refused) {
            str cause = str_trim(scope->failure.cause);
            scope_forgive(scope);
            return fail_with_cause(scope, ERR_DATABASE, cause, "The database refuses to be asked (%.*s).",
                                   STR_ARG(cause));
        }
        if (!is_lost) {
            return result;
        }
        if (i >= tries || (scope->deadline && clock_monotonic() + pause > scope->deadline)) {
            if (!atomic_exchange(&instance->lost_at, clock_monotonic())) {
                log_event(EV_DATABASE_LOST, "%.*s", STR_ARG(scope->failure.cause));
            }
            return result;
        }
        scope_forgive(scope);
        pause_for(pause);
        pause *= 2;
    }
}
