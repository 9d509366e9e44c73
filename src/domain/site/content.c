/* Pages of content in the database. */
#include "domain/site/content.h"

#include "base/bug.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "domain/site/keeper_internal.h"
#include "platform/text/fold.h"

/* ---- names ---- */

bool content_slug_is_good(str slug)
{
    for (size_t i = 0; i < slug.n; i++) {
        char c = slug.p[i];
        bool is_dash = c == '-';
        if (!(c >= 'a' && c <= 'z') && !is_ascii_digit(c) && !is_dash) {
            return false;
        }
        if (is_dash && (i == 0 || i + 1 == slug.n || slug.p[i - 1] == '-')) {
            return false;
        }
    }
    return slug.n && slug.n <= CONTENT_SLUG_BYTES;
}

static str dashed(struct arena *arena, str text, size_t most)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    str name = text_identifier(arena, text);
    for (size_t i = 0; i < name.n && out.n < most; i++) {
        if (name.p[i] != '_') {
            buf_add_char(&out, name.p[i]);
        } else if (out.n && out.p[out.n - 1] != '-') {
            buf_add_char(&out, '-');
        }
    }
    out.n -= out.n && out.p[out.n - 1] == '-';
    return buf_copy(&out, arena);
}

str content_slug_of(struct arena *arena, str title)
{
    return dashed(arena, title, CONTENT_SLUG_BYTES);
}

str content_file_name(struct arena *arena, str sent)
{
    static const char *const endings[] = {".png", ".jpg", ".webp", ".svg"};
    str lower = str_lower_ascii(arena, str_trim(sent));
    if (str_ends(lower, S(".jpeg"))) {
        lower = str_printf(arena, "%.*s.jpg", STR_ARG(str_slice(lower, 0, lower.n - 5)));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        str ending = str_from(endings[i]);
        if (str_ends(lower, ending)) {
            str stem = dashed(arena, str_slice(sent, 0, lower.n - ending.n), 60);
            return str_printf(arena, "%.*s%s", STR_ARG(stem.n ? stem : S("picture")), endings[i]);
        }
    }
    return STR_NONE;
}

const struct site_page *content_find(const struct site *site, str slug)
{
    for (size_t i = 0; i < site->page_count; i++) {
        if (str_eq(site->pages[i].slug, slug)) {
            return &site->pages[i];
        }
    }
    return NULL;
}

/* ---- texts by language, as JSON ---- */

str content_clean(struct arena *arena, str text)
{
    char *out = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool is_break = c == '\r' && i + 1 < text.n && text.p[i + 1] == '\n';
        c = c == '\r' ? '\n' : c;
        if (!is_break && ((unsigned char)c >= ' ' || c == '\n' || c == '\t') && c != 0x7F) {
            out[n++] = c;
        }
    }
    return (str){out, n};
}

static str texts_json(struct arena *arena, const struct translated *texts)
{
    json_t *object cleanup_with(json_cleanup) = json_object();
    for (language lang = 0; lang < language_count(); lang++) {
        str text = content_clean(arena, texts->texts[lang]);
        if (text.n) {
            bug_if(json_object_set_new(object, str_cz(arena, language_code(lang)), json_stringn(text.p, text.n)) != 0);
        }
    }
    return site_json_text(arena, object);
}

/* A language that is not offered any more is passed over. */
static enum err read_texts(struct scope *scope, str json, struct translated *ret)
{
    json_t *object cleanup_with(json_cleanup) = NULL;
    const char *code;
    json_t *text;
    *ret = (struct translated){0};
    TRY(json_read(scope, ERR_DATABASE, json, "a page of content", &object));
    json_object_foreach(object, code, text) {
        language lang = language_exact(str_from(code));
        if (lang != LANGUAGE_NONE) {
            ret->texts[lang] = str_copy(&scope->arena, json_read_text(text));
        }
    }
    return ERR_OK;
}

/* ---- reading ---- */

#define PAGE_COLUMNS "id, slug, published, menu, position, revision, changed, author, title"

static enum err read_page(struct scope *scope, const struct batch *row, struct site_page *page)
{
    struct arena *arena = &scope->arena;
    *page = (struct site_page){.id = row_number(row, 0),
                               .slug = row_text(arena, row, 1),
                               .is_published = row_number(row, 2) != 0,
                               .menu = (int)row_number(row, 3),
                               .position = row_number(row, 4),
                               .revision = row_number(row, 5),
                               .changed = row_number(row, 6),
                               .author = row_text(arena, row, 7)};
    return read_texts(scope, row_text(arena, row, 8), &page->title);
}

enum err content_list_read(struct scope *scope, struct db_lease *lease, struct site *site)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct site_page) pages = {0};
    struct sql sql = STATEMENT(&scope->arena, "select " PAGE_COLUMNS " from content_page order by menu, position, slug");
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        struct site_page page;
        TRY(read_page(scope, row, &page));
        vec_add(&scope->arena, &pages, page);
    }
    site->pages = pages.items;
    site->page_count = pages.count;
    return ERR_OK;
}

static enum err read_now(struct scope *scope, struct db_lease *lease, int64_t id, struct content *ret)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    struct sql sql = STATEMENT(&scope->arena, "select " PAGE_COLUMNS ", text from content_page where id = ?", cell_int(id));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    if (!row) {
        return fail(scope, ERR_NO_PAGE, "There is no such page.");
    }
    TRY(read_page(scope, row, &ret->page));
    return read_texts(scope, row_text(&scope->arena, row, 9), &ret->text);
}

static enum err read_revision(struct scope *scope, struct db_lease *lease, int64_t revision, struct content *content)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *row;
    struct sql sql = STATEMENT(&scope->arena,
                               "select title, text, changed, author from content_revision where page = ? and revision = ?",
                               cell_int(content->page.id), cell_int(revision));
    TRY(db_run(scope, lease, &sql, &cursor));
    TRY(cursor_next(scope, cursor, &row));
    if (!row) {
        return fail(scope, ERR_NO_PAGE, "There is no such revision of the page.");
    }
    content->page.changed = row_number(row, 2);
    content->page.author = row_text(&scope->arena, row, 3);
    TRY(read_texts(scope, row_text(&scope->arena, row, 0), &content->page.title));
    return read_texts(scope, row_text(&scope->arena, row, 1), &content->text);
}

enum err content_get(struct scope *scope, struct site_keeper *keeper, int64_t id, int64_t revision,
                     struct content *ret_content)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, keeper->db, &lease));
    TRY(read_now(scope, lease, id, ret_content));
    return revision ? read_revision(scope, lease, revision, ret_content) : ERR_OK;
}

enum err content_history(struct scope *scope, struct site_keeper *keeper, int64_t id,
                         const struct content_revision **ret_revisions, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct content_revision) revisions = {0};
    struct sql sql = STATEMENT(&scope->arena,
                               "select revision, changed, author from content_revision where page = ?"
                               " order by revision desc",
                               cell_int(id));
    TRY(db_lease(scope, keeper->db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(&scope->arena, &revisions,
                (struct content_revision){row_number(row, 0), row_number(row, 1), row_text(&scope->arena, row, 2)});
    }
    cursor_close(cursor);
    cursor = NULL;
    *ret_revisions = revisions.items;
    *ret_count = revisions.count;
    return ERR_OK;
}

/* ---- changing ---- */

static enum err check_slug(struct scope *scope, struct db_lease *lease, const struct site_page *page)
{
    cell other;
    TRY(DB_ASK(scope, lease, &other, "select id from content_page where slug = ? and id <> ?", cell_text(page->slug),
               cell_int(page->id)));
    return other.type == CELL_NULL
               ? ERR_OK
               : fail(scope, ERR_CONFLICT, "Another page has the address %.*s.", STR_ARG(page->slug));
}

static enum err insert_page(struct scope *scope, struct db_lease *lease, const struct content *content, str author,
                            int64_t *ret_id)
{
    const struct site_page *page = &content->page;
    cell count, id;
    TRY(DB_ASK(scope, lease, &count, "select count(*) from content_page"));
    if (count.number >= CONTENT_PAGES_MOST) {
        return fail(scope, ERR_CONFLICT, "There are %d pages; remove one first.", CONTENT_PAGES_MOST);
    }
    TRY(DB_ASK(scope, lease, &id,
               "insert into content_page (slug, published, menu, position, revision, changed, author, title, text)"
               " values (?, ?, ?, ?, 1, ?, ?, ?, ?) returning id",
               cell_text(page->slug), cell_int(page->is_published), cell_int(page->menu), cell_int(page->position),
               cell_int(clock_wall()), cell_text(author), cell_text(texts_json(&scope->arena, &page->title)),
               cell_text(texts_json(&scope->arena, &content->text))));
    *ret_id = id.number;
    return ERR_OK;
}

static enum err update_page(struct scope *scope, struct db_lease *lease, const struct content *content, str author)
{
    const struct site_page *page = &content->page;
    cell revision;
    TRY(DB_ASK(scope, lease, &revision, "select revision from content_page where id = ?", cell_int(page->id)));
    if (revision.type != CELL_INT) {
        return fail(scope, ERR_NO_PAGE, "There is no such page.");
    }
    if (revision.number != page->revision) {
        return fail(scope, ERR_CONFLICT, "Somebody else saved this page in the meantime.");
    }
    return DB_RUN(scope, lease,
                  "update content_page set slug = ?, published = ?, menu = ?, position = ?, revision = revision + 1,"
                  " changed = ?, author = ?, title = ?, text = ? where id = ?",
                  cell_text(page->slug), cell_int(page->is_published), cell_int(page->menu), cell_int(page->position),
                  cell_int(clock_wall()), cell_text(author), cell_text(texts_json(&scope->arena, &page->title)),
                  cell_text(texts_json(&scope->arena, &content->text)), cell_int(page->id));
}

/* What it is now is a revision, too; those beyond a number go. */
static enum err note_revision(struct scope *scope, struct db_lease *lease, int64_t id)
{
    TRY(DB_RUN(scope, lease,
               "insert into content_revision (page, revision, changed, author, title, text)"
               " select id, revision, changed, author, title, text from content_page where id = ?",
               cell_int(id)));
    return DB_RUN(scope, lease,
                  "delete from content_revision where page = ? and revision <="
                  " (select revision from content_page where id = ?) - ?",
                  cell_int(id), cell_int(id), cell_int(CONTENT_REVISIONS_MOST));
}

enum err content_store(struct scope *scope, struct site_keeper *keeper, const struct content *content, str author,
                       int64_t *ret_id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    int64_t id = content->page.id;
    TRY(db_begin(scope, keeper->db, &lease));
    TRY(id ? update_page(scope, lease, content, author) : ERR_OK);
    TRY(check_slug(scope, lease, &content->page));
    TRY(id ? ERR_OK : insert_page(scope, lease, content, author, &id));
    TRY(note_revision(scope, lease, id));
    *ret_id = id;
    return site_finish(scope, keeper, lease);
}

enum err content_remove(struct scope *scope, struct site_keeper *keeper, int64_t id)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, keeper->db, &lease));
    TRY(DB_RUN(scope, lease, "delete from content_page where id = ?", cell_int(id)));
    if (db_changes(lease) == 0) {
        return fail(scope, ERR_NO_PAGE, "There is no such page.");
    }
    return site_finish(scope, keeper, lease);
}
