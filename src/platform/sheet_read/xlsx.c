/* The parts of an XLSX around its sheets: which there are, shared strings, what styles show. */
#include "base/num.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "platform/i18n/explanation.h"
#include "platform/sheet_read/reading.h"

struct relation {
    str id, type;
    const char *target;
};

struct format_code {
    int64_t id;
    int shows;
};

struct opening {
    struct workbook *workbook;
    const char *directory; /* of the part, with / behind it, or "" */
    VEC(struct relation) relations;
    VEC(struct workbook_sheet) sheets;
    VEC(const char *) parts;
    VEC(struct format_code) formats;
    bool in_formats, in_styles;
    struct buf text;
};

/* An attribute, copied; cut when nobody would write it so long. */
static str taken(struct part *part, const struct element *element, const char *name, const char *space)
{
    struct opening *opening = part->user;
    str text = element_attribute(element, name, space, &opening->text);
    return text.p ? str_copy(&part->scope->arena, utf8_truncate(text, LISTED_NAME_BYTES)) : S("");
}

static enum err check_listed(struct part *part, size_t count)
{
    return count < LISTED_MOST
               ? ERR_OK
               : fail_in_words(part->scope, ERR_TOO_LARGE, MSG_FAULT_SHEET_ITEMS,
                               SAYS(ARG_TEXT("file", str_from(part->shown)), ARG_TEXT("part", str_from(part->name)),
                                    argument_digits(&part->scope->arena, "most", LISTED_MOST)));
}

/* ---- relations: from ids to parts ---- */

/* Where a target lies that is relative to a directory; without its ./ and ../ */
static const char *resolve(struct arena *arena, const char *directory, str target)
{
    str base = str_from(directory);
    if (str_starts(target, S("/"))) {
        return str_cz(arena, str_slice(target, 1, target.n));
    }
    for (;;) {
        if (str_starts(target, S("./"))) {
            target = str_slice(target, 2, target.n);
        } else if (str_starts(target, S("../"))) {
            target = str_slice(target, 3, target.n);
            size_t n = base.n ? base.n - 1 : 0;
            while (n && base.p[n - 1] != '/') {
                n--;
            }
            base.n = n;
        } else {
            return str_printf(arena, "%.*s%.*s", STR_ARG(base), STR_ARG(target)).p;
        }
    }
}

static enum err on_relation(struct part *part, const struct element *element)
{
    struct opening *opening = part->user;
    struct arena *arena = &part->scope->arena;
    if (!str_eq(element->name, S("Relationship"))) {
        return ERR_OK;
    }
    TRY(check_listed(part, opening->relations.count));
    struct relation relation = {.id = taken(part, element, "Id", NULL), .type = taken(part, element, "Type", NULL)};
    relation.target = resolve(arena, opening->directory, taken(part, element, "Target", NULL));
    vec_add(arena, &opening->relations, relation);
    return ERR_OK;
}

static enum err read_relations(struct scope *scope, struct opening *opening, const char *directory,
                               const char *name)
{
    static const struct part_handler handler = {.start = on_relation};
    struct workbook *workbook = opening->workbook;
    opening->directory = directory;
    opening->relations.count = 0;
    return part_read(scope, workbook->archive, workbook->shown, name, &handler, opening);
}

static const struct relation *relation_of_type(const struct opening *opening, str type)
{
    for (size_t i = 0; i < opening->relations.count; i++) {
        if (str_ends(opening->relations.items[i].type, type)) {
            return &opening->relations.items[i];
        }
    }
    return NULL;
}

/* ---- the workbook ---- */

static enum err add_sheet(struct part *part, const struct element *element)
{
    struct opening *opening = part->user;
    struct arena *arena = &part->scope->arena;
    str id = taken(part, element, "id", "relationships");
    str state = taken(part, element, "state", NULL);
    struct workbook_sheet sheet = {.name = taken(part, element, "name", NULL)};
    sheet.is_hidden = str_eq(state, S("hidden")) || str_eq(state, S("veryHidden"));
    TRY(check_listed(part, opening->sheets.count));
    for (size_t i = 0; i < opening->relations.count; i++) {
        const struct relation *relation = &opening->relations.items[i];
        if (str_eq(relation->id, id) && str_ends(relation->type, S("/worksheet"))) {
            vec_add(arena, &opening->sheets, sheet);
            vec_add(arena, &opening->parts, relation->target);
            break;
        }
    }
    return ERR_OK;
}

static enum err on_workbook(struct part *part, const struct element *element)
{
    struct opening *opening = part->user;
    if (str_eq(element->name, S("workbookPr"))) {
        struct workbook_cell is_1904 = value_of_boolean(element_attribute(element, "date1904", NULL, NULL));
        opening->workbook->is_1904 = is_1904.kind == VALUE_BOOLEAN && is_1904.whole;
    }
    return str_eq(element->name, S("sheet")) ? add_sheet(part, element) : ERR_OK;
}

/* ---- styles ---- */

static int shows_of(const struct opening *opening, int64_t id)
{
    for (size_t i = 0; i < opening->formats.count; i++) {
        if (opening->formats.items[i].id == id) {
            return opening->formats.items[i].shows;
        }
    }
    return number_format_shows_builtin(id);
}

static enum err on_style(struct part *part, const struct element *element)
{
    struct opening *opening = part->user;
    str name = element->name;
    int64_t id;
    opening->in_formats |= str_eq(name, S("numFmts"));
    opening->in_styles |= str_eq(name, S("cellXfs"));
    bool is_format = opening->in_formats && str_eq(name, S("numFmt"));
    bool is_style = opening->in_styles && str_eq(name, S("xf"));
    if (!is_format && !is_style) {
        return ERR_OK;
    }
    if (!num_read_int(element_attribute(element, "numFmtId", NULL, NULL), &id)) {
        id = 0;
    }
    if (is_format) {
        TRY(check_listed(part, opening->formats.count));
        str code = element_attribute(element, "formatCode", NULL, &opening->text);
        vec_add(&part->scope->arena, &opening->formats,
                (struct format_code){id, number_format_shows(code)});
        return ERR_OK;
    }
    TRY(check_listed(part, opening->workbook->styles.n / 7)); /* Excel writes up to 65,490 */
    buf_add_char(&opening->workbook->styles, (char)shows_of(opening, id));
    return ERR_OK;
}

static enum err on_style_end(struct part *part, str name)
{
    struct opening *opening = part->user;
    opening->in_formats &= !str_eq(name, S("numFmts"));
    opening->in_styles &= !str_eq(name, S("cellXfs"));
    return ERR_OK;
}

/* ---- all of them ---- */

static const char *directory_of(struct arena *arena, const char *part)
{
    const char *slash = strrchr(part, '/');
    return str_cz(arena, str_slice(str_from(part), 0, slash ? (size_t)(slash + 1 - part) : 0));
}

static enum err open_parts(struct scope *scope, struct opening *opening)
{
    static const struct part_handler of_workbook = {.start = on_workbook};
    static const struct part_handler of_styles = {.start = on_style, .end = on_style_end};
    struct workbook *workbook = opening->workbook;
    struct arena *arena = &scope->arena;
    const char *main_part = "xl/workbook.xml";
    if (archive_has(workbook->archive, "_rels/.rels")) {
        TRY(read_relations(scope, opening, "", "_rels/.rels"));
        const struct relation *document = relation_of_type(opening, S("/officeDocument"));
        main_part = document ? document->target : main_part;
    }
    const char *directory = directory_of(arena, main_part);
    str relations = str_printf(arena, "%s_rels/%s.rels", directory, main_part + strlen(directory));
    TRY(read_relations(scope, opening, directory, relations.p));
    TRY(part_read(scope, workbook->archive, workbook->shown, main_part, &of_workbook, opening));
    const struct relation *styles = relation_of_type(opening, S("/styles"));
    const struct relation *strings = relation_of_type(opening, S("/sharedStrings"));
    if (styles) {
        TRY(part_read(scope, workbook->archive, workbook->shown, styles->target, &of_styles, opening));
    }
    return strings ? strings_read(scope, workbook->archive, workbook->shown, strings->target,
                                  &workbook->strings)
                   : ERR_OK;
}

enum err xlsx_open(struct scope *scope, struct workbook *workbook)
{
    struct opening opening = {.workbook = workbook};
    enum err result = open_parts(scope, &opening);
    workbook->sheets = opening.sheets.items;
    workbook->sheet_count = opening.sheets.count;
    workbook->parts = opening.parts.items;
    buf_done(&opening.text);
    return result;
}
