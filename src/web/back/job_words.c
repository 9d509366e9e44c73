/* Jobs in words and as JSON; who may see them. */
#include "base/date.h"
#include "base/json_write.h"
#include "web/back/jobs.h"

static const struct {
    str name;
    enum message title;
} kinds[] = {
    {S("metadata.bulk"), MSG_BACKOFFICE_JOB_KIND_BULK},
    {{"publish", 7}, MSG_BACKOFFICE_JOB_KIND_PUBLISH},
    {{"fetch", 5}, MSG_BACKOFFICE_JOB_KIND_FETCH},
    {{"refresh", 7}, MSG_BACKOFFICE_JOB_KIND_REFRESH},
    {{"export", 6}, MSG_BACKOFFICE_JOB_KIND_EXPORT},
    {{"backup", 6}, MSG_BACKOFFICE_JOB_KIND_BACKUP},
    {{"statistics", 10}, MSG_STATISTICS_TITLE},
};

str office_job_kind_name(size_t at)
{
    return at < ARRAY_LENGTH(kinds) ? kinds[at].name : STR_NONE;
}

str office_job_kind(const struct call *call, str kind)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (str_eq(kinds[i].name, kind)) {
            return office_say(call, kinds[i].title);
        }
    }
    return kind;
}

str office_job_state(const struct call *call, const struct job *job, str *ret_class)
{
    static const struct {
        enum message title;
        str class;
    } states[] = {
        [JOB_WAITING] = {MSG_BACKOFFICE_JOB_STATE_WAITING, {"tag", 3}},
        [JOB_RUNNING] = {MSG_BACKOFFICE_JOB_STATE_RUNNING, {"tag info", 8}},
        [JOB_DONE] = {MSG_BACKOFFICE_JOB_STATE_DONE, {"tag success", 11}},
        [JOB_FAILED] = {MSG_BACKOFFICE_JOB_STATE_FAILED, {"tag danger", 10}},
        [JOB_CANCELLED] = {MSG_BACKOFFICE_JOB_STATE_CANCELLED, {"tag warning", 11}},
    };
    *ret_class = states[job->state].class;
    return office_say(call, job->state == JOB_RUNNING && job->is_cancelled ? MSG_BACKOFFICE_JOB_STATE_ENDING
                                                                           : states[job->state].title);
}

static str amount(const struct call *call, const struct job *job, int64_t number)
{
    struct arena *arena = &call->scope->arena;
    return str_eq(job->unit, S("bytes")) ? format_bytes(arena, call->language, number)
                                         : format_whole(arena, call->language, number);
}

str office_job_progress(const struct call *call, const struct job *job)
{
    if (job->done == 0 && job->total == 0) {
        return S("");
    }
    str done = amount(call, job, job->done);
    str total = job->total ? amount(call, job, job->total) : S("");
    bool is_rows = str_eq(job->unit, S("rows"));
    if (total.n) {
        return office_tell(call, is_rows ? MSG_BACKOFFICE_JOB_ROWS_OF : MSG_BACKOFFICE_JOB_DONE_OF,
                           ARG_TEXT("done", done), ARG_TEXT("total", total));
    }
    return is_rows ? office_tell(call, MSG_BACKOFFICE_JOB_ROWS, ARG_TEXT("done", done)) : done;
}

str office_job_path(const struct call *call, int64_t job, const char *action)
{
    return str_printf(&call->scope->arena, "/backoffice/jobs/%lld%s", (long long)job, action);
}

/* ---- JSON ---- */

static void write_time(struct json_writer *json, str key, usec instant)
{
    char text[64];
    if (instant == 0) {
        json_key_null(json, key);
        return;
    }
    json_key_text(json, key, (str){text, date_write_instant(text, instant, 0)});
}

static void write_object(struct json_writer *json, str key, str object)
{
    json_key(json, key);
    if (object.n) {
        json_raw(json, object);
    } else {
        json_write_null(json);
    }
}

void office_job_write(const struct call *call, const struct job *job, struct json_writer *json)
{
    const struct dataset *dataset = job->dataset.n ? snapshot_find(call->snapshot, job->dataset) : NULL;
    json_object_begin(json);
    json_key_int(json, S("id"), job->id);
    json_key_text(json, S("kind"), job->kind);
    json_key_text(json, S("state"), str_from(job_state_name(job->state)));
    json_key_text(json, S("label"), job->label);
    json_key_text_or_null(json, S("dataset"), dataset ? dataset->id : STR_NONE);
    json_key_text_or_null(json, S("user"), job->user_name.n ? job->user_name : STR_NONE);
    json_key_int(json, S("attempt"), job->attempt);
    write_time(json, S("created"), job->created);
    write_time(json, S("started"), job->started);
    write_time(json, S("ended"), job->ended);
    write_time(json, S("not_before"), job->state == JOB_WAITING ? job->not_before : 0);
    json_key_text(json, S("message"), job->message);
    json_key_text(json, S("explanation"), job_message(&call->scope->arena, call->language, job));
    json_key_int(json, S("done"), job->done);
    json_key_int(json, S("total"), job->total);
    json_key_text(json, S("unit"), job->unit);
    json_key_bool(json, S("is_cancelled"), job->is_cancelled);
    write_object(json, S("result"), job->result);
    json_object_end(json);
}

/* ---- who may see ---- */

static unsigned rights_for(const struct call *call, const struct job *job)
{
    const struct dataset *dataset = job->dataset.n ? snapshot_find(call->snapshot, job->dataset) : NULL;
    bool is_personal = str_eq(job->kind, S(EXPORT_KIND)); /* made with the rights of who asked for it */
    return dataset && !is_personal ? access_rights(call->scope, call->app->access, call->actor, dataset) : 0;
}

enum err office_job(struct call *call, bool may_change, struct job *ret_job)
{
    struct job job;
    int64_t id;
    TRY(office_id(call, 0, ERR_NO_JOB, &id));
    TRY(job_find(call->scope, call->app->catalog, id, &job));
    bool is_own = job.user && job.user == call->actor->user;
    bool is_work = job.dataset.n && !str_eq(job.kind, S(EXPORT_KIND)); /* on a dataset: asks for the right, as before */
    bool is_admin = actor_has_role(call->actor, ROLE_ADMINISTRATOR);
    unsigned rights = is_admin ? 0 : rights_for(call, &job);
    if (!is_own && !is_admin && !(rights & RIGHT_EDIT)) {
        return fail(call->scope, ERR_NO_JOB, "There is no job %lld; jobs that ended long ago are deleted.",
                    (long long)id);
    }
    if (may_change && is_work && !is_admin && !(rights & RIGHT_PUBLISH)) {
        return fail(call->scope, ERR_DENIED, "Only who may publish this dataset may do that with its jobs.");
    }
    *ret_job = job;
    return ERR_OK;
}
