/* A small portal with people and two datasets, for tests of what they see. */
#ifndef TESTS_UNIT_ACCESS_PORTAL_H
#define TESTS_UNIT_ACCESS_PORTAL_H

#include "../directory.h"

#include "domain/identity/access.h"
#include "domain/identity/group.h"
#include "domain/identity/user.h"
#include "domain/records/facet.h"
#include "domain/records/format.h"
#include "domain/records/read.h"
#include "domain/records/version.h"

#define THINGS 300

static struct {
    struct scope scope; /* of the whole program */
    struct directory directory;
    struct catalog *catalog;
    struct records *records;
    struct identity *identity;
    struct access *access;
} portal;

/* Of one test; see test_begin. */
static struct scope scope;

static struct field thing_fields[] = {
    {.name = {"name", 4}, .label = {"Name", 4}, .type = FIELD_TEXT, .decimals = -1},
    {.name = {"secret", 6}, .type = FIELD_TEXT, .decimals = -1, .facet = true},
    {.name = {"kind", 4}, .label = {"Kind", 4}, .type = FIELD_TEXT, .decimals = -1, .facet = true},
    {.name = {"tags", 4}, .type = FIELD_TEXT, .multivalued = {",", 1}, .decimals = -1, .facet = true},
    {.name = {"n", 1}, .type = FIELD_INT, .decimals = -1},
    {.name = {"x", 1}, .type = FIELD_DOUBLE, .decimals = -1},
    {.name = {"ok", 2}, .type = FIELD_BOOLEAN, .decimals = -1, .facet = true},
    {.name = {"d", 1}, .type = FIELD_DATE, .decimals = -1, .facet = true},
    {.name = {"at", 2}, .type = FIELD_DATETIME, .decimals = -1},
    {.name = {"p", 1}, .type = FIELD_GEO_POINT, .decimals = -1},
};
static const struct schema thing_schema = {thing_fields, ARRAY_LENGTH(thing_fields)};

static const char thing_rows[] =
    "create table records as select *, record_key(name, secret, kind, tags, n, x, ok, d, \"at\", "
    "\"p.lon\", \"p.lat\") as _key from (select 'thing ' || ['red', 'green', 'blue'][1 + i % 3] || ' ' "
    "|| (i % 40) as name, ['alpha', 'beta', 'gamma', 'green', null][1 + i % 5] || ' hush' as secret, "
    "case when i % 5 = 0 then 'big' when i % 5 = 1 then null else 'small' end as kind, "
    "case when i % 2 = 0 then ['a', 'b'] when i % 7 = 0 then [] else ['b'] end as tags, i as n, "
    "(i * 37 % 101) / 4.0 as x, case when i % 3 = 0 then null else i % 4 = 0 end as ok, "
    "date '2023-12-25' + (i % 11)::int as d, timestamp '2026-07-01 00:00:00' + to_hours(i) as \"at\", "
    "i / 10 as \"p.lon\", 50.5 as \"p.lat\" from range(300) as t (i))";

static struct field note_fields[] = {
    {.name = {"code", 4}, .type = FIELD_TEXT, .decimals = -1, .id = true},
    {.name = {"text", 4}, .type = FIELD_TEXT, .decimals = -1},
    {.name = {"pay", 3}, .type = FIELD_INT, .decimals = -1},
};
static const struct schema note_schema = {note_fields, ARRAY_LENGTH(note_fields)};

static const char note_rows[] =
    "create table records as select *, record_key(code) as _key from (select 'c' || i as code, "
    "'note ' || i as text, i * 100 as pay from range(20) as t (i))";

/** Publishes what the statement makes as the next version of a dataset. */
static inline void publish(const char *id, const char *uid, int64_t number, int64_t records,
                           const struct schema *schema, const char *statement, bool is_restricted)
{
    struct version_options options = {
        .store = &(struct store){.data_directory = portal.directory.path}, .uid = str_from(uid), .number = number, .threads = 1};
    struct version_build *build;
    struct db_lease *writer;
    struct new_version version = {.dataset_id = str_from(id), .uid = str_from(uid),
                                  .number = number, .records = records, .schema = schema,
                                  .source_name = S("test"), .keep = 3,
                                  .is_restricted = is_restricted,
                                  .metadata = S("{\"default\": {\"publisher\": \"Works\"}}")};
    const int64_t *dropped;
    size_t dropped_count;
    bool changed;
    check_ok(id, &scope, version_begin(&scope, &options, &build));
    check_ok(id, &scope, db_lease(&scope, version_db(build), &writer));
    check_ok(id, &scope, db_script(&scope, writer, statement));
    db_release(writer);
    check_ok(id, &scope, version_seal(&scope, build, schema, &version.bytes));
    check_ok(id, &scope,
             catalog_publish(&scope, portal.catalog, &version, &dropped, &dropped_count));
    version_end(build);
    check_ok(id, &scope, catalog_refresh(&scope, portal.catalog, &changed));
}

static inline void script(const char *statements)
{
    struct db_lease *lease;
    check_ok(statements, &scope, db_lease(&scope, catalog_database(portal.catalog), &lease));
    check_ok(statements, &scope, db_script(&scope, lease, statements));
    db_release(lease);
}

/* Users 1 to 3 are u1 to u3, groups 1 to 5 are g1 to g5. */
static inline int portal_open(void **state)
{
    (void)state;
    scope_open(&portal.scope);
    scope_open(&scope);
    directory_make(&portal.directory);
    check_ok("catalog", &scope, catalog_open(&scope, portal.directory.path, &portal.catalog));
    const struct identity_options settings = {0};
    check_ok("identity", &scope,
             identity_open(&scope, portal.catalog, &settings, &portal.identity));
    for (int64_t i = 1; i <= 3; i++) {
        struct new_user user = {.name = str_printf(&scope.arena, "u%lld", (long long)i)};
        int64_t id;
        check_ok("user", &scope,
                 user_add(&scope, portal.identity, &actor_command_line, &user, &id));
        assert_int_equal(id, i);
    }
    struct records_options options = {
        .store = &(struct store){.data_directory = portal.directory.path}, .threads = 1, .connections = 16};
    check_ok("records", &scope, records_open(&scope, &options, &portal.records));
    portal.access = access_open(portal.catalog, portal.records);
    for (int64_t i = 1; i <= 5; i++) {
        int64_t id;
        check_ok("group", &scope,
                 group_add(&scope, portal.catalog, str_printf(&scope.arena, "g%lld", (long long)i),
                           &id));
        assert_int_equal(id, i);
    }
    publish("notes", "da_nnnnnn", 1, 20, &note_schema, note_rows, false);
    publish("things", "da_tttttt", 1, THINGS, &thing_schema, thing_rows, false);
    return 0;
}

static inline int portal_close(void **state)
{
    (void)state;
    access_close(portal.access);
    identity_close(portal.identity);
    records_close(portal.records);
    catalog_close(portal.catalog);
    directory_remove(&portal.directory);
    scope_close(&scope);
    scope_close(&portal.scope);
    return 0;
}

/* Each test begins without rules. */
static inline int test_begin(void **state)
{
    (void)state;
    scope_close(&scope);
    scope_open(&scope);
    script("begin; delete from dataset_access; update state set value = value + 1 where key = "
           "'generation'; commit");
    bool changed;
    check_ok("refresh", &scope, catalog_refresh(&scope, portal.catalog, &changed));
    return 0;
}

static inline struct actor person(int64_t user, enum role role, const int64_t *groups,
                                  size_t group_count)
{
    return (struct actor){.kind = ACTOR_SESSION, .user = user, .role = role, .groups = groups,
                          .group_count = group_count, .scopes = SCOPE_ALL};
}

static const struct actor visitor = {.kind = ACTOR_ANONYMOUS};

static inline const struct snapshot *view_of(const struct actor *actor)
{
    const struct snapshot *view;
    check_ok("view", &scope, access_snapshot(&scope, portal.access, actor, &view));
    return view;
}

static inline void rule(const char *dataset, enum access_subject kind, int64_t subject,
                        unsigned rights, const char *filter, const char *hidden)
{
    str names[8];
    struct access_rule set = {.kind = kind, .subject = subject, .rights = rights,
                              .filter = str_from(filter), .hidden = names};
    str rest = str_from(hidden);
    while (rest.n && set.hidden_count < ARRAY_LENGTH(names) &&
           str_split(&rest, ',', &names[set.hidden_count])) {
        set.hidden_count++;
    }
    check_ok(filter, &scope, access_set(&scope, portal.access, str_from(dataset), &set));
}

#endif
