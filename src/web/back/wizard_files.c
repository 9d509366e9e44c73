/* The files of a dataset that its source may be made of, and which of them will be read. */
#include <stdlib.h>
#include <string.h>

#include "web/back/wizard.h"

#define COMPARED_MOST 4 /* new files that are looked at, so that a page stays quick */

struct file_item {
    str id, name, size, state;
    int64_t percent;
    bool chosen, is_finished;
    bool is_other; /* it has other columns than the files that are chosen */
};


static const struct tpl_member file_members[] = {
    TPL_TEXT(struct file_item, id),         TPL_TEXT(struct file_item, name),  TPL_TEXT(struct file_item, size),
    TPL_TEXT(struct file_item, state),      TPL_NUMBER(struct file_item, percent),
    TPL_BOOL(struct file_item, chosen),     TPL_BOOL(struct file_item, is_finished)};
const struct tpl_struct wizard_file_struct = TPL_STRUCT(struct file_item, file_members);
static int by_name(const void *a, const void *b)
{
    const struct upload *x = a;
    const struct upload *y = b;
    char left[UPLOAD_NAME_BYTES + 1] = "";
    char right[UPLOAD_NAME_BYTES + 1] = "";
    memcpy(left, x->name.p, x->name.n < UPLOAD_NAME_BYTES ? x->name.n : UPLOAD_NAME_BYTES);
    memcpy(right, y->name.p, y->name.n < UPLOAD_NAME_BYTES ? y->name.n : UPLOAD_NAME_BYTES);
    int order = strverscmp(left, right);
    return order ? order : x->created < y->created ? -1 : x->created > y->created;
}

/* The copy of what an address gave is no file that people sent. */
static size_t leave_out_copies(const struct wizard *wizard, struct upload *uploads, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_copy = false;
        for (size_t k = 0; k < wizard->resource.upload_count && wizard->resource.kind == RESOURCE_URL; k++) {
            is_copy |= str_eq(uploads[i].id, wizard->resource.uploads[k]);
        }
        if (!is_copy) {
            uploads[kept++] = uploads[i];
        }
    }
    return kept;
}

/* As people count: part-2 before part-10. */
static enum err list_uploads(struct wizard *wizard, struct upload **ret_uploads, size_t *ret_count)
{
    const struct upload *uploads;
    struct call *call = wizard->call;
    TRY(upload_list(call->scope, call->app->catalog, wizard->dataset->uid, 0, &uploads, ret_count));
    *ret_uploads = arena_array(&call->scope->arena, struct upload, *ret_count);
    if (*ret_count) {
        memcpy(*ret_uploads, uploads, *ret_count * sizeof(*uploads));
        *ret_count = leave_out_copies(wizard, *ret_uploads, *ret_count);
        qsort(*ret_uploads, *ret_count, sizeof(**ret_uploads), by_name);
    }
    return ERR_OK;
}

/* Which files are chosen that are not published yet. */
static bool is_waiting(const struct wizard *wizard, const struct upload *upload)
{
    return upload->is_used && upload->created > wizard->dataset->data_processed;
}

static bool is_new(const struct wizard *wizard, const struct upload *upload)
{
    return upload_is_finished(upload) && !upload->is_used && upload->created > wizard->dataset->data_processed;
}

/* Looks at one file alone. A fault is the matter of the next step. */
static enum err look_at(const struct wizard *wizard, const struct upload *upload, struct preview *ret_preview)
{
    struct wizard alone = *wizard;
    const struct resource_settings as_found = {.header_row = SHEET_HEADER_FIND};
    str fault;
    alone.resource.kind = RESOURCE_UPLOAD;
    alone.resource.uploads = &upload->id;
    alone.resource.upload_count = 1;
    return wizard_preview(&alone, &as_found, ret_preview, &fault);
}

static bool has_columns(const struct schema *schema, const struct schema *of)
{
    for (size_t i = 0; i < of->count; i++) {
        if (!schema_find(schema, of->fields[i].name)) {
            return false;
        }
    }
    return true;
}

/* Whether a new file has the columns of those that are chosen, so that both may be meant together. */
static enum err has_same_columns(const struct wizard *wizard, const struct preview *chosen, const struct upload *upload,
                                 bool *ret_same)
{
    struct preview found;
    TRY(look_at(wizard, upload, &found));
    *ret_same = found.schema.count == chosen->schema.count && has_columns(&found.schema, &chosen->schema);
    return ERR_OK;
}

/*
 * At first all files are meant. New files take the place of those that were published. Beside others that are chosen and not
 * published yet, one that came later is meant when it has the same columns; else it is offered in their place.
 */
static enum err choose(const struct wizard *wizard, const struct upload *uploads, size_t count, struct file_item *items)
{
    const struct upload *waiting = NULL;
    bool has_new = false;
    for (size_t i = 0; i < count; i++) {
        waiting = is_waiting(wizard, &uploads[i]) ? &uploads[i] : waiting;
        has_new |= is_new(wizard, &uploads[i]);
    }
    struct preview chosen = {0};
    size_t compared = 0;
    if (waiting && has_new) {
        TRY(look_at(wizard, waiting, &chosen));
    }
    for (size_t i = 0; i < count; i++) {
        const struct upload *upload = &uploads[i];
        bool is_meant = is_new(wizard, upload) && (!waiting || upload->created > wizard->resource.changed);
        if (is_meant && waiting && compared++ < COMPARED_MOST) {
            TRY(has_same_columns(wizard, &chosen, upload, &is_meant));
            items[i].is_other = !is_meant;
        }
        items[i].chosen = is_meant || (upload->is_used && (!has_new || is_waiting(wizard, upload)));
    }
    return ERR_OK;
}

enum err wizard_list_files(struct wizard *wizard, struct wizard_files *ret_files)
{
    struct call *call = wizard->call;
    struct arena *arena = &call->scope->arena;
    struct upload *uploads;
    size_t count;
    size_t finished = 0;
    TRY(list_uploads(wizard, &uploads, &count));
    struct file_item *items = arena_array(arena, struct file_item, count + 1);
    struct file_item *others = arena_array(arena, struct file_item, count + 1);
    size_t other_count = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t percent = (int64_t)((double)uploads[i].received / (double)uploads[i].bytes * 100);
        items[i] = (struct file_item){.id = uploads[i].id,
                                      .name = uploads[i].name,
                                      .size = format_bytes(arena, call->language, uploads[i].bytes),
                                      .state = office_tell(call, MSG_BACKOFFICE_WIZARD_FILE_PART, ARG_INT("percent", percent)),
                                      .percent = percent,
                                      .is_finished = upload_is_finished(&uploads[i])};
        finished += items[i].is_finished;
    }
    TRY(choose(wizard, uploads, count, items));
    for (size_t i = 0; i < count; i++) {
        if (items[i].is_other) {
            others[other_count++] = items[i];
        }
    }
    *ret_files = (struct wizard_files){{items, count}, {others, other_count}, finished};
    return ERR_OK;
}
