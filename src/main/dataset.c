/* Datasets and their versions from the command line. */
#include <stdio.h>

#include "base/num.h"
#include "domain/catalog/metadata_read.h"
#include "domain/catalog/version.h"
#include "domain/records/compare.h"
#include "domain/records/past.h"
#include "domain/records/schema_changes.h"
#include "domain/records/version.h"
#include "main/commands.h"
#include "main/open.h"
#include "main/people.h"

#define LISTED_MOST 10000

struct action_call {
    const struct command_line *line;
    struct people people;
    str id;
};

static void audit(struct scope *scope, struct action_call *call, const char *action, str detail)
{
    people_audit(scope, &call->people, action, call->id, detail);
}

static str number_text(struct scope *scope, int64_t number)
{
    return str_printf(&scope->arena, "%lld", (long long)number);
}

static enum err find_uid(struct scope *scope, struct action_call *call, const struct dataset **ret_dataset)
{
    const struct snapshot *snapshot = catalog_snapshot(call->people.catalog);
    enum err result = snapshot_load(scope, snapshot, call->id, ret_dataset);
    snapshot_unref(snapshot);
    TRY(result);
    return *ret_dataset ? ERR_OK : dataset_absent(scope, call->id);
}

static enum err read_number(struct scope *scope, const char *text, int64_t *ret_number)
{
    if (text && num_read_int(str_from(text), ret_number) && *ret_number >= 1) {
        return ERR_OK;
    }
    return fail(scope, ERR_USAGE, "'%s' was given, the number of a version is expected, as in parvis dataset pin "
                                  "trees 2; parvis dataset versions ID lists them",
                text ? text : "");
}

static enum err version_argument(struct scope *scope, struct action_call *call, int64_t *ret_number)
{
    return read_number(scope, call->line->argument_count > 2 ? call->line->arguments[2] : NULL, ret_number);
}

/* ---- datasets ---- */

static enum err create(struct scope *scope, struct action_call *call)
{
    const char *title;
    const char *owner;
    struct user user = {0};
    str uid;
    json_t *metadata cleanup_with(json_cleanup) = json_object();
    TRY(option_text(scope, call->line, "title", &title));
    TRY(option_text(scope, call->line, "owner", &owner));
    if (owner) {
        TRY(user_find(scope, call->people.identity, str_from(owner), &user));
    }
    if (title) {
        json_t *value cleanup_with(json_cleanup) = json_string(title);
        TRY(metadata_set(scope, metadata, S(""), S("default.title"), value));
    }
    char *text = json_dumps(metadata, JSON_COMPACT);
    str stored = str_copy(&scope->arena, str_from(text));
    free(text);
    TRY(catalog_create(scope, call->people.catalog, call->id, stored, user.id, &uid));
    audit(scope, call, "dataset.create", S(""));
    printf("%.*s: draft, %.*s\n", STR_ARG(call->id), STR_ARG(uid));
    return ERR_OK;
}

static enum err show(struct scope *scope, struct action_call *call)
{
    const struct dataset *dataset;
    int64_t keep;
    TRY(find_uid(scope, call, &dataset));
    TRY(catalog_kept(scope, call->people.catalog, call->id, &keep));
    printf("id\t%.*s\nuid\t%.*s\ntitle\t%.*s\nstate\t%s\nversion\t%lld\nrecords\t%lld\nfields\t%zu\nkeep\t",
           STR_ARG(dataset->id), STR_ARG(dataset->uid), STR_ARG(dataset->title),
           dataset->is_draft        ? "draft"
           : dataset->is_restricted ? "restricted"
                                    : "public",
           (long long)dataset->version, (long long)dataset->records_count, dataset->schema.count);
    printf(keep ? "%lld\n" : "as who publishes says\n", (long long)keep);
    return ERR_OK;
}

static enum err publish(struct scope *scope, struct action_call *call)
{
    bool is_restricted = option_flag(call->line, "restricted");
    TRY(catalog_release(scope, call->people.catalog, call->id, !is_restricted));
    audit(scope, call, "dataset.release", is_restricted ? S("restricted") : S("public"));
    printf("%.*s: %s\n", STR_ARG(call->id), is_restricted ? "seen by those with a rule of their own" : "public");
    return ERR_OK;
}

static enum err withdraw(struct scope *scope, struct action_call *call)
{
    bool is_draft = option_flag(call->line, "draft");
    TRY(catalog_withdraw(scope, call->people.catalog, call->id, is_draft));
    audit(scope, call, "dataset.withdraw", is_draft ? S("draft") : S("restricted"));
    printf("%.*s: %s\n", STR_ARG(call->id), is_draft ? "a draft again" : "seen by those with a rule of their own");
    return ERR_OK;
}

static enum err remove_it(struct scope *scope, struct action_call *call)
{
    return remove_dataset(scope, call->people.catalog, call->id);
}

/* ---- versions ---- */

static void print_count(int64_t count)
{
    if (count < 0) {
        printf("\t-");
    } else {
        printf("\t%lld", (long long)count);
    }
}

static enum err versions(struct scope *scope, struct action_call *call)
{
    const struct dataset *dataset;
    const struct version *list;
    size_t count;
    TRY(find_uid(scope, call, &dataset));
    TRY(catalog_versions(scope, call->people.catalog, dataset->uid, LISTED_MOST, &list, &count));
    printf("version\trecords\tadded\tremoved\tchanged\tbytes\tstate\tauthor\tnote\n");
    for (size_t i = 0; i < count; i++) {
        printf("%lld\t%lld", (long long)list[i].number, (long long)list[i].records);
        print_count(list[i].added);
        print_count(list[i].removed);
        print_count(list[i].changed);
        printf("\t%lld\t%s%s\t%.*s\t%.*s\n", (long long)list[i].bytes, list[i].is_current ? "current" : "",
               list[i].is_pinned ? (list[i].is_current ? ",pinned" : "pinned") : "", STR_ARG(list[i].author),
               STR_ARG(list[i].note));
    }
    return ERR_OK;
}

static void print_changes(struct scope *scope, const struct schema *before, const struct schema *after)
{
    size_t count;
    const struct schema_change *changes = schema_changes(&scope->arena, before, after, &count);
    for (size_t i = 0; i < count; i++) {
        const struct schema_change *change = &changes[i];
        const struct field *field = change->after ? change->after : change->before;
        printf("field\t%.*s\t", STR_ARG(field->name));
        if (change->kind == SCHEMA_TYPE) {
            printf("%.*s is now %.*s\n", STR_ARG(field_type_text(change->before->type)),
                   STR_ARG(field_type_text(change->after->type)));
        } else if (change->kind == SCHEMA_DESCRIBED) {
            printf("other %.*s\n",
                   STR_ARG(str_join(&scope->arena, change->aspects, change->aspect_count, sizeof(str), S(", "))));
        } else {
            printf("%s\n", change->kind == SCHEMA_ADDED ? "added" : "removed");
        }
    }
}

/* The other version, or the one before. */
static enum err find_other(struct scope *scope, struct action_call *call, const struct dataset *dataset,
                           int64_t number, int64_t *ret_other)
{
    const char *with;
    struct version version;
    TRY(option_text(scope, call->line, "with", &with));
    if (with) {
        return read_number(scope, with, ret_other);
    }
    TRY(catalog_version(scope, call->people.catalog, dataset->uid, number, &version));
    *ret_other = version.compared;
    return version.compared ? ERR_OK
                            : fail(scope, ERR_USAGE, "no version was there before version %lld; name another one "
                                                     "with --with", (long long)number);
}

static enum err compare_records(struct scope *scope, struct records *records, const struct dataset *before,
                                const struct dataset *after)
{
    struct version_pair pair cleanup_with(version_pair_close) = {0};
    struct comparison counts;
    TRY(version_pair_open(scope, records, before, after, &pair));
    TRY(version_pair_count(scope, &pair, &counts));
    printf("added\t%lld\nremoved\t%lld\n", (long long)counts.added, (long long)counts.removed);
    if (pair.has_ids) {
        printf("changed\t%lld\n", (long long)counts.changed);
    } else {
        printf("changed\tcounted as removed and added: no field is annotated with id\n");
    }
    print_changes(scope, &before->schema, &after->schema);
    return ERR_OK;
}

static enum err compare_with(struct scope *scope, struct action_call *call, const struct snapshot *snapshot,
                             struct records *records, int64_t number)
{
    const struct dataset *dataset, *before, *after;
    int64_t other = 0;
    TRY(find_uid(scope, call, &dataset));
    TRY(find_other(scope, call, dataset, number, &other));
    TRY(dataset_at_version(scope, records, snapshot, dataset, other, &before));
    TRY(dataset_at_version(scope, records, snapshot, dataset, number, &after));
    printf("from version %lld to version %lld\n", (long long)other, (long long)number);
    return compare_records(scope, records, before, after);
}

static enum err compare(struct scope *scope, struct action_call *call)
{
    struct records *records;
    int64_t number;
    TRY(version_argument(scope, call, &number));
    TRY(open_whole_records(scope, call->people.catalog, &records));
    const struct snapshot *snapshot = catalog_snapshot(call->people.catalog);
    enum err result = compare_with(scope, call, snapshot, records, number);
    snapshot_unref(snapshot);
    records_close(records);
    return result;
}

static enum err rollback(struct scope *scope, struct action_call *call)
{
    int64_t number;
    int64_t before;
    TRY(version_argument(scope, call, &number));
    TRY(catalog_make_current(scope, call->people.catalog, call->id, number, &before));
    audit(scope, call, "version.current",
          str_printf(&scope->arena, "version %lld, before %lld", (long long)number, (long long)before));
    printf("%.*s: version %lld is the current one\n", STR_ARG(call->id), (long long)number);
    return ERR_OK;
}

static enum err set_pin(struct scope *scope, struct action_call *call, bool is_pinned)
{
    int64_t number;
    TRY(version_argument(scope, call, &number));
    TRY(catalog_pin(scope, call->people.catalog, call->id, number, is_pinned));
    audit(scope, call, is_pinned ? "version.pin" : "version.unpin", number_text(scope, number));
    printf("%.*s: version %lld is %s\n", STR_ARG(call->id), (long long)number,
           is_pinned ? "pinned" : "not pinned any more");
    return ERR_OK;
}

static enum err pin(struct scope *scope, struct action_call *call)
{
    return set_pin(scope, call, true);
}

static enum err unpin(struct scope *scope, struct action_call *call)
{
    return set_pin(scope, call, false);
}

static enum err drop(struct scope *scope, struct action_call *call)
{
    int64_t number;
    str uid;
    TRY(version_argument(scope, call, &number));
    TRY(catalog_drop_version(scope, call->people.catalog, call->id, number, &uid));
    version_delete(catalog_data_directory(call->people.catalog), uid, number);
    audit(scope, call, "version.drop", number_text(scope, number));
    printf("%.*s: version %lld is deleted\n", STR_ARG(call->id), (long long)number);
    return ERR_OK;
}

static enum err keep(struct scope *scope, struct action_call *call)
{
    const char *text = call->line->argument_count > 2 ? call->line->arguments[2] : "";
    int64_t number;
    if (!num_read_int(str_from(text), &number) || number < 0 || number > VERSIONS_KEPT_MOST) {
        return fail(scope, ERR_USAGE, "'%s' was given, a number of versions from 1 to %d is expected, or 0: as many "
                                      "as who publishes says", text, VERSIONS_KEPT_MOST);
    }
    TRY(catalog_keep(scope, call->people.catalog, call->id, number));
    audit(scope, call, "version.keep", number_text(scope, number));
    printf("%.*s: %lld\n", STR_ARG(call->id), (long long)number);
    return ERR_OK;
}

static const struct {
    const char *name;
    enum err (*act)(struct scope *scope, struct action_call *call);
} actions[] = {{"create", create},     {"show", show},       {"publish", publish}, {"withdraw", withdraw},
               {"remove", remove_it},  {"versions", versions}, {"compare", compare}, {"rollback", rollback},
               {"pin", pin},           {"unpin", unpin},     {"drop", drop},       {"keep", keep}};

enum err command_dataset(struct scope *scope, const struct command_line *line)
{
    str name = str_from(line->arguments[0]);
    struct action_call call = {.line = line, .id = str_from(line->arguments[1])};
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
        if (!str_eq(str_from(actions[i].name), name)) {
            continue;
        }
        if (actions[i].act != create) {
            TRY(command_check_catalogue(scope, line));
        }
        enum err result = people_open(scope, line, &call.people);
        if (result == ERR_OK) {
            result = actions[i].act(scope, &call);
        }
        people_close(&call.people);
        return result;
    }
    return fail(scope, ERR_USAGE, "the action '%.*s' is not known; see parvis dataset --help", STR_ARG(name));
}
