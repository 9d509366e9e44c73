/* The job that changes the metadata of more datasets than somebody would wait for. */
#include <stdlib.h>

#include "base/json_write.h"
#include "domain/identity/audit.h"
#include "domain/identity/group.h"
#include "domain/identity/user.h"
#include "platform/i18n/failure_words.h"
#include "web/back/bulk.h"

str bulk_job_arguments(struct scope *scope, const struct bulk_change *change, const str *datasets, size_t count)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    char *value = change->value ? json_dumps(change->value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    json_object_begin(&json);
    json_key_text(&json, S("operation"), str_from(bulk_operation_name(change->operation)));
    json_key_text(&json, S("path"), change->path);
    json_key_text(&json, S("lang"), change->lang);
    json_key_text(&json, S("old"), change->old);
    json_key(&json, S("value"));
    json_raw(&json, str_from(value ? value : "null"));
    json_key(&json, S("datasets"));
    json_array_begin(&json);
    for (size_t i = 0; i < count; i++) {
        json_text(&json, datasets[i]);
    }
    json_array_end(&json);
    json_object_end(&json);
    free(value);
    return buf_copy(&out, &scope->arena);
}

struct figures {
    int64_t changed, same, failed;
};

/* One dataset, in a scope of its own: of many none leaves anything behind. */
static enum err change_one(struct scope *scope, struct job_run *run, struct bulk_tools *tools, const struct actor *actor,
                           str dataset, const struct bulk_change *change, struct figures *figures)
{
    struct scope part;
    bool changed = false;
    scope_open(&part);
    part.gone = scope->gone;
    enum err result = access_check(&part, tools->access, actor, dataset, RIGHT_EDIT);
    result = result == ERR_OK ? bulk_describe(&part, job_catalog(run), dataset, change, &changed) : result;
    if (result != ERR_OK) {
        job_tell_fault(run, MSG_JOB_LINE_DATASET_FAULT,
                       SAYS(ARG_TEXT("dataset", dataset), failure_argument(&part.arena, "fault", &part.failure)));
    } else if (changed) {
        audit_add(&part, tools->identity, actor, &(struct origin){0}, "dataset.describe", dataset, change->path);
    }
    figures->changed += result == ERR_OK && changed;
    figures->same += result == ERR_OK && !changed;
    figures->failed += result != ERR_OK;
    scope_close(&part);
    return ERR_OK;
}

static enum err change_all(struct scope *scope, struct job_run *run, struct bulk_tools *tools, const struct actor *actor,
                           const json_t *arguments, const struct bulk_change *change)
{
    const json_t *datasets = json_object_get(arguments, "datasets");
    struct figures figures = {0};
    size_t count = json_array_size(datasets);
    for (size_t i = 0; i < count; i++) {
        TRY(scope_check(scope));
        TRY(change_one(scope, run, tools, actor, json_read_text(json_array_get(datasets, i)), change, &figures));
        job_progress(run, (int64_t)i + 1, (int64_t)count, "datasets");
    }
    job_tell(run, MSG_JOB_LINE_BULK,
             SAYS(argument_digits(&scope->arena, "changed", figures.changed),
                  argument_digits(&scope->arena, "same", figures.same),
                  argument_digits(&scope->arena, "failed", figures.failed)));
    job_result(run, str_printf(&scope->arena, "{\"changed\":%lld,\"same\":%lld,\"failed\":%lld}",
                               (long long)figures.changed, (long long)figures.same, (long long)figures.failed));
    return ERR_OK;
}

/* Who asked, as he is now: an account that was disabled since may do nothing. user 0: the command line. */
static enum err find_actor(struct scope *scope, const struct job_run *run, struct bulk_tools *tools, int64_t user, struct actor *ret_actor)
{
    struct user account;
    const struct group *groups;
    size_t count;
    if (user == 0) {
        *ret_actor = actor_command_line;
        return ERR_OK;
    }
    TRY(user_get(scope, tools->identity, user, &account));
    if (!account.active) {
        return fail_in_words(scope, ERR_DENIED, MSG_FAULT_ACCOUNT_DISABLED, SAYS(ARG_TEXT("account", account.name)));
    }
    TRY(group_list_of_user(scope, job_catalog(run), user, &groups, &count));
    int64_t *ids = arena_array(&scope->arena, int64_t, count + 1);
    for (size_t i = 0; i < count; i++) { /* in ascending order */
        size_t at = i;
        for (; at > 0 && ids[at - 1] > groups[i].id; at--) {
            ids[at] = ids[at - 1];
        }
        ids[at] = groups[i].id;
    }
    *ret_actor = (struct actor){.kind = ACTOR_SESSION,
                                .user = user,
                                .name = account.name,
                                .display_name = account.display_name,
                                .role = account.role,
                                .groups = ids,
                                .group_count = count,
                                .scopes = SCOPE_ALL};
    return ERR_OK;
}

enum err bulk_job_work(struct scope *scope, struct job_run *run, void *user)
{
    struct bulk_tools *tools = user;
    json_t *arguments cleanup_with(json_cleanup) = NULL;
    const struct job *job = job_of_run(run);
    struct bulk_change change = {0};
    struct actor actor;
    TRY(json_read(scope, ERR_DATABASE, job->arguments, "arguments of a job", &arguments));
    if (!bulk_operation_find(json_read_text(json_object_get(arguments, "operation")), &change.operation)) {
        return fail(scope, ERR_USAGE, "The job asks for an operation that this program does not know.");
    }
    TRY(find_actor(scope, run, tools, job->user, &actor));
    change.path = json_read_text(json_object_get(arguments, "path"));
    change.lang = json_read_text(json_object_get(arguments, "lang"));
    change.old = json_read_text(json_object_get(arguments, "old"));
    change.value = json_object_get(arguments, "value");
    change.value = json_is_null(change.value) ? NULL : change.value;
    return change_all(scope, run, tools, &actor, arguments, &change);
}
