#include "web/api/answer.h"

#include "domain/records/past.h"
#include "domain/records/read.h"

enum err answer_find_dataset(struct call *call, str id, const struct dataset **ret_dataset)
{
    const struct dataset *dataset;
    TRY(snapshot_load(call->scope, call->snapshot, id, &dataset));
    if (!dataset) {
        return dataset_absent(call->scope, id);
    }
    int64_t version;
    TRY(params_read_version(call, &version));
    *ret_dataset = dataset;
    return version ? dataset_at_version(call->scope, call->app->records, call->snapshot, dataset, version,
                                        ret_dataset)
                   : ERR_OK;
}

static bool is_word_character(char c)
{
    return is_ascii_letter(c) || is_ascii_digit(c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Whether the word now stands in a clause, as the function or otherwise. */
static bool mentions_now(str clause)
{
    for (size_t i = 0; i + 3 <= clause.n; i++) {
        bool is_word = str_eq_nocase(str_slice(clause, i, i + 3), S("now")) &&
                       (i == 0 || !is_word_character(clause.p[i - 1])) &&
                       (i + 3 == clause.n || !is_word_character(clause.p[i + 3]));
        if (is_word) {
            return true;
        }
    }
    return false;
}

static bool depends_on_clock(const struct clauses *clauses)
{
    for (size_t i = 0; i < clauses->where_count; i++) {
        if (mentions_now(clauses->where[i])) {
            return true;
        }
    }
    return mentions_now(clauses->select) || mentions_now(clauses->group_by) ||
           mentions_now(clauses->order_by);
}

bool answer_is_known(struct call *call, const struct params *params, const struct dataset *dataset,
                     bool has_links, str identity)
{
    if (depends_on_clock(&params->clauses)) {
        return false;
    }
    struct buf all = {0};
    buf_add(&all, S(PARVIS_VERSION));
    buf_add(&all, identity);
    params_identify(params, &all);
    if (has_links) {
        buf_add(&all, call->base_url);
    }
    /* Not everybody sees the same datasets, nor the same of one. */
    buf_printf(&all, "|%016llx|%016llx", (unsigned long long)call->snapshot->fingerprint,
               dataset ? (unsigned long long)dataset->view : 0);
    if (dataset && dataset->is_past) {
        /* The same for ever: whoever may see it need not be sent it again. */
        buf_printf(&all, "|past|%016llx",
                   (unsigned long long)str_hash(schema_text(&call->scope->arena, &dataset->schema)));
    } else if (dataset) {
        /* Labels and annotations may change without a new version of the records. */
        buf_printf(&all, "|%lld|%lld", (long long)dataset->changed,
                   (long long)dataset->metadata_processed);
    }
    unsigned long long version =
        dataset ? (unsigned long long)dataset->version : call->snapshot->generation;
    str tag = str_printf(&call->scope->arena, "%.*s-%llu-%016llx",
                         STR_ARG(dataset ? dataset->uid : S("catalog")), version,
                         (unsigned long long)str_hash(buf_str(&all)));
    buf_done(&all);
    call->may_cache = true;
    call->depends_on = dataset;
    return response_etag(call->exchange, tag);
}

void answer_json(struct call *call, const struct params *params, struct buf *body)
{
    response_status(call->exchange, 200);
    response_header(call->exchange, S("Content-Type"), S("application/json; charset=utf-8"));
    response_header(call->exchange, S("Content-Language"), params->lang);
    response_body(call->exchange, body);
}

void answer_links(struct call *call, const struct params *params, str address, const str *names,
                  size_t count)
{
    struct buf body = {0};
    struct json_writer json = json_writer_to(&body);
    json_object_begin(&json);
    json_key(&json, S("links"));
    json_array_begin(&json);
    link_write(&json, S("self"), link_of_version(call, address));
    for (size_t i = 0; i < count; i++) {
        link_write(&json, names[i],
                   link_of_version(call, str_printf(&call->scope->arena, "%.*s/%.*s", STR_ARG(address),
                                                    STR_ARG(names[i]))));
    }
    json_array_end(&json);
    json_object_end(&json);
    answer_json(call, params, &body);
}

/* ---- pages ---- */

struct linking {
    struct call *call;
    const struct dataset *dataset; /* NULL: rows are datasets */
};

static void add_links(struct buf *out, str id, bool is_first, const void *user)
{
    const struct linking *linking = user;
    if (id.n == 0) {
        return;
    }
    buf_add(out, is_first ? S("\"_links\": ") : S(", \"_links\": "));
    struct json_writer json = json_writer_to(out);
    if (linking->dataset) {
        links_write_record(&json, linking->call, linking->dataset->id, id);
        return;
    }
    const struct dataset *dataset = snapshot_find(linking->call->snapshot, id);
    links_write_dataset(&json, linking->call, id, dataset && dataset->version > 0,
                        dataset && dataset->has_attachments);
}

static void send_page(struct call *call, const struct params *params,
                      const struct page_source *source, const struct read_result *page,
                      const struct buf *results)
{
    struct buf body = {0};
    struct json_writer json = json_writer_to(&body);
    json_object_begin(&json);
    json_key_int(&json, S("total_count"), page->total);
    if (params->include_links) {
        json_key(&json, S("_links"));
        links_write_paging(&json, call, source->address, params, page->total);
    }
    json_key(&json, S("results"));
    json_array_begin(&json);
    buf_add(&body, buf_str(results));
    json_array_end(&json);
    json_object_end(&json);
    answer_json(call, params, &body);
}

enum err answer_page(struct call *call, struct records_lease *lease, struct params *params,
                     const struct page_source *source)
{
    struct scope *scope = call->scope;
    struct linking linking = {.call = call, .dataset = source->dataset};
    int64_t count =
        source->dataset ? source->dataset->records_count : records_catalogue_count(lease);
    struct read read = {.clauses = &params->clauses,
                        .zone = params->zone,
                        .lang = params->clauses.lang,
                        .with_app_metas = params->include_app_metas,
                        .source_count = count};
    if (params->include_links) {
        params->clauses.id_expression = source->id_expression;
        read.add_keys = add_links;
        read.user = &linking;
    }
    params->clauses.with_total = true;
    struct plan *plan;
    TRY(odsql_compile(scope, &lease->source, &params->clauses, &plan));
    read.plan = plan;
    if (answer_is_known(call, params, source->dataset, params->include_links, plan->canonical)) {
        return ERR_OK;
    }
    struct buf results cleanup_with(buf_cleanup) = {0};
    struct read_result page;
    TRY(read_page(scope, lease, &read, &results, &page));
    response_records(call->exchange, page.rows);
    send_page(call, params, source, &page, &results);
    return ERR_OK;
}
