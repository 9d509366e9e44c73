/* Field types, annotations, and schemas as JSON. */
#include "../check.h"
#include "../one_scope.h"

#include "base/limits.h"
#include "domain/catalog/field.h"

static void test_types(void **state)
{
    (void)state;
    static const char *const texts[] = {"text", "int", "double", "boolean", "date", "datetime",
                                        "geo_point_2d", "geo_shape", "json_blob", "file"};
    assert_int_equal(ARRAY_LENGTH(texts), FIELD__COUNT);
    for (int i = 0; i < FIELD__COUNT; i++) {
        enum field_type found = FIELD__COUNT;
        check_text(texts[i], field_type_text((enum field_type)i), str_from(texts[i]));
        assert_true(field_type_find(str_from(texts[i]), &found));
        assert_int_equal(found, i);
        assert_true(field_type_column((enum field_type)i).n > 0);
    }
    static const char *const wrong[] = {"", "TEXT", "texts", "tex", "geo_point", "int "};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        enum field_type found = FIELD_JSON;
        check_int(wrong[i], field_type_find(str_from(wrong[i]), &found), false);
        assert_int_equal(found, FIELD_JSON);
    }
}

static str schema_as_json(const struct schema *schema)
{
    struct buf out = {0};
    struct json_writer json = json_writer_to(&out);
    schema_write(&json, schema);
    str text = buf_copy(&out, &scope.arena);
    buf_done(&out);
    return text;
}

/* Annotations of a field as they are written. */
static str annotations_of(const struct field *field)
{
    struct field copy = *field;
    struct schema schema = {&copy, 1};
    str text = schema_as_json(&schema);
    size_t from = str_find(text, S("\"annotations\": "), 0) + strlen("\"annotations\": ");
    return str_slice(text, from, str_find(text, S(", \"label\""), from));
}

static void test_annotations(void **state)
{
    (void)state;
    static const struct {
        const char *annotation, *value;
        const char *written; /* as JSON */
        const char *message; /* when refused */
    } cases[] = {
        {"facet", "", "{\"facet\": true}", NULL},
        {"facet", "true", "{\"facet\": true}", NULL},
        {"facet", "false", "{}", NULL},
        {"facet", "yes", NULL, "annotation facet: 'yes' was given, true or false is expected"},
        {"facet", "True", NULL, "annotation facet: 'True' was given"},
        {"sortable", "", "{\"sortable\": true}", NULL},
        {"sortable", "1", NULL, "annotation sortable: '1' was given"},
        {"id", "", "{\"id\": true}", NULL},
        {"id", "x", NULL, "annotation id: 'x' was given"},
        {"disjunctive", "true", "{\"disjunctive\": true}", NULL},
        {"disjunctive", "0", NULL, "annotation disjunctive: '0' was given"},
        {"facetsort", "alphanum", "{\"facetsort\": \"alphanum\"}", NULL},
        {"facetsort", "-alphanum", "{\"facetsort\": \"-alphanum\"}", NULL},
        {"facetsort", "count", "{\"facetsort\": \"count\"}", NULL},
        {"facetsort", "-count", "{\"facetsort\": \"-count\"}", NULL},
        {"facetsort", "", NULL, "one of alphanum, -alphanum, count, -count is expected"},
        {"facetsort", "Count", NULL, "annotation facetsort: 'Count' was given"},
        {"timeserie_precision", "year", "{\"timeserie_precision\": \"year\"}", NULL},
        {"timeserie_precision", "month", "{\"timeserie_precision\": \"month\"}", NULL},
        {"timeserie_precision", "day", "{\"timeserie_precision\": \"day\"}", NULL},
        {"timeserie_precision", "hour", "{\"timeserie_precision\": \"hour\"}", NULL},
        {"timeserie_precision", "minute", "{\"timeserie_precision\": \"minute\"}", NULL},
        {"timeserie_precision", "second", NULL,
         "one of year, month, day, hour, minute is expected"},
        {"decimals", "0", "{\"decimals\": 0}", NULL},
        {"decimals", "15", "{\"decimals\": 15}", NULL},
        {"decimals", "16", NULL, "annotation decimals: '16' was given, a number from 0 to 15"},
        {"decimals", "-1", NULL, "a number from 0 to 15 is expected"},
        {"decimals", "", NULL, "a number from 0 to 15 is expected"},
        {"decimals", "2.5", NULL, "a number from 0 to 15 is expected"},
        {"multivalued", ",", "{\"multivalued\": \",\"}", NULL},
        {"multivalued", " / ", "{\"multivalued\": \" / \"}", NULL},
        {"multivalued", "", NULL, "annotation multivalued needs a value"},
        {"hierarchical", "/", "{\"hierarchical\": \"/\"}", NULL},
        {"hierarchical", "", NULL, "annotation hierarchical needs a value"},
        {"unit", "km/h", "{\"unit\": \"km/h\"}", NULL},
        {"unit", "\"€\"", "{\"unit\": \"\\\"€\\\"\"}", NULL},
        {"unit", "", NULL, "annotation unit needs a value"},
        {"", "", NULL,
         "unknown annotation ''; facet, sortable, id, disjunctive, facetsort, timeserie_precision, "
         "timerangeFilter, decimals, multivalued, hierarchical and unit are known"},
        {"Facet", "", NULL, "unknown annotation 'Facet'"},
        {"colour", "red", NULL, "unknown annotation 'colour'"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct field field = {.name = S("f"), .label = S("F"), .decimals = -1};
        enum err result = field_annotate(&scope, &field, str_from(cases[i].annotation),
                                         str_from(cases[i].value));
        if (cases[i].written) {
            check_ok(cases[i].annotation, &scope, result);
            check_text(cases[i].annotation, annotations_of(&field), str_from(cases[i].written));
        } else {
            check_int(cases[i].annotation, result, ERR_METADATA);
            check_failure(cases[i].annotation, &scope, ERR_METADATA, cases[i].message);
            check_text(cases[i].annotation, annotations_of(&field), S("{}"));
        }
    }
}

/* A later value replaces an earlier one; the text given may go away. */
static void test_annotations_replace_and_copy(void **state)
{
    (void)state;
    struct field field = {.name = S("f"), .label = S("F"), .decimals = -1};
    char value[] = "km";
    check_ok("unit", &scope, field_annotate(&scope, &field, S("unit"), str_from(value)));
    value[0] = '?';
    check_text("copied", field.unit, S("km"));
    check_ok("unit", &scope, field_annotate(&scope, &field, S("unit"), S("m")));
    check_text("replaced", field.unit, S("m"));
    check_ok("facet", &scope, field_annotate(&scope, &field, S("facet"), S("true")));
    check_ok("facet", &scope, field_annotate(&scope, &field, S("facet"), S("false")));
    assert_false(field.facet);
}

static const struct field every_field[] = {
    {.name = S("plain"), .label = S("Plain"), .type = FIELD_TEXT, .decimals = -1},
    {.name = S("all"), .label = S("All \"of\" them"), .description = S(""), .type = FIELD_TEXT,
     .multivalued = S(","), .hierarchical = S("/"), .facetsort = S("-count"), .unit = S("€"),
     .timeserie_precision = S("day"), .decimals = 0, .facet = true, .disjunctive = true,
     .sortable = true, .id = true},
    {.name = S("n"), .label = S(""), .description = S("two\nlines"), .type = FIELD_INT,
     .decimals = 15},
    {.name = S("x"), .label = S("x"), .type = FIELD_DOUBLE, .decimals = -1},
    {.name = S("ok"), .label = S("x"), .type = FIELD_BOOLEAN, .decimals = -1},
    {.name = S("d"), .label = S("x"), .type = FIELD_DATE, .decimals = -1},
    {.name = S("at"), .label = S("x"), .type = FIELD_DATETIME, .decimals = -1},
    {.name = S("p"), .label = S("x"), .type = FIELD_GEO_POINT, .decimals = -1},
    {.name = S("s"), .label = S("x"), .type = FIELD_GEO_SHAPE, .decimals = -1},
    {.name = S("j"), .label = S("x"), .type = FIELD_JSON, .decimals = -1},
    {.name = S("f"), .label = S("x"), .type = FIELD_FILE, .decimals = -1},
};

static enum err read_schema(str text, struct schema *ret_schema)
{
    json_t *value cleanup_with(json_cleanup) = NULL;
    check_ok("JSON", &scope, json_read(&scope, ERR_METADATA, text, "schema", &value));
    return schema_read(&scope, value, ret_schema);
}

static void test_schema_round_trip(void **state)
{
    (void)state;
    struct field fields[ARRAY_LENGTH(every_field)];
    memcpy(fields, every_field, sizeof(fields));
    struct schema schema = {fields, ARRAY_LENGTH(fields)};
    struct schema back;
    str written = schema_as_json(&schema);
    check_ok("read", &scope, read_schema(written, &back));
    check_text("again", schema_as_json(&back), written);
    assert_int_equal(back.count, schema.count);
    for (size_t i = 0; i < schema.count; i++) {
        const struct field *a = &schema.fields[i];
        const struct field *b = &back.fields[i];
        const char *name = str_cz(&scope.arena, a->name);
        check_text(name, b->name, a->name);
        check_text(name, b->label, a->label);
        check_text(name, b->description, a->description);
        check_int(name, b->description.p != NULL, a->description.p != NULL);
        check_int(name, b->type, a->type);
        check_int(name, b->decimals, a->decimals);
        check_text(name, b->multivalued, a->multivalued);
        check_int(name, field_is_list(b), field_is_list(a));
        check_text(name, b->hierarchical, a->hierarchical);
        check_text(name, b->facetsort, a->facetsort);
        check_text(name, b->unit, a->unit);
        check_text(name, b->timeserie_precision, a->timeserie_precision);
        check_int(name, b->facet * 8 + b->disjunctive * 4 + b->sortable * 2 + b->id,
                  a->facet * 8 + a->disjunctive * 4 + a->sortable * 2 + a->id);
    }
}

/* The form of the Explore API: explore-api.md 5.1. */
static void test_schema_form(void **state)
{
    (void)state;
    struct field fields[] = {{.name = S("code"), .label = S("Code"), .decimals = 2, .facet = true}};
    struct schema schema = {fields, 1};
    check_text("form", schema_as_json(&schema),
               S("[{\"name\": \"code\", \"description\": null, \"annotations\": {\"facet\": true, "
                 "\"decimals\": 2}, \"label\": \"Code\", \"type\": \"text\"}]"));
    struct schema empty = {NULL, 0};
    check_text("empty", schema_as_json(&empty), S("[]"));
    check_ok("empty", &scope, read_schema(S("[]"), &schema));
    assert_int_equal(schema.count, 0);
}

static void test_wrong_schemas(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{}", "fields: an array of at most 1000 fields is expected"},
        {"[{}]", "fields[0]: a name and a known type are expected"},
        {"[{\"name\": \"a\", \"type\": \"text\"}, {\"name\": \"b\"}]", "fields[1]: a name"},
        {"[{\"name\": \"\", \"type\": \"text\"}]", "fields[0]: a name"},
        {"[{\"name\": 1, \"type\": \"text\"}]", "fields[0]: a name"},
        {"[{\"name\": \"a\", \"type\": \"number\"}]", "fields[0]: a name"},
        {"[1]", "fields[0]: a name"},
        {"[{\"name\": \"a\", \"type\": \"text\", \"annotations\": {\"colour\": true}}]",
         "unknown annotation 'colour'"},
        {"[{\"name\": \"a\", \"type\": \"text\", \"annotations\": {\"facet\": \"x\"}}]",
         "annotation facet"},
        {"[{\"name\": \"a\", \"type\": \"text\", \"annotations\": {\"decimals\": 99}}]",
         "annotation decimals"},
        {"[{\"name\": \"a\", \"type\": \"text\", \"annotations\": {\"unit\": {}}}]",
         "annotation unit: true, false, a text or a number is expected"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct schema schema;
        check_int(cases[i].text, read_schema(str_from(cases[i].text), &schema), ERR_METADATA);
        check_failure(cases[i].text, &scope, ERR_METADATA, cases[i].message);
    }
}

static void test_lookups(void **state)
{
    (void)state;
    struct field fields[] = {{.name = S("a"), .label = S("b")}, {.name = S("b"), .label = S("a")}};
    struct schema schema = {fields, 2};
    assert_ptr_equal(schema_find(&schema, S("b")), &fields[1]);
    assert_null(schema_find(&schema, S("B")));
    assert_null(schema_find(&schema, S("")));
    assert_false(schema_has_id(&schema));
    fields[1].id = true;
    assert_true(schema_has_id(&schema));
    check_text("lon", field_longitude_column(&scope.arena, &fields[0]), S("a.lon"));
    check_text("lat", field_latitude_column(&scope.arena, &fields[0]), S("a.lat"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),         cmocka_unit_test(test_annotations),
        cmocka_unit_test(test_annotations_replace_and_copy),
        cmocka_unit_test(test_schema_round_trip), cmocka_unit_test(test_schema_form),
        cmocka_unit_test(test_wrong_schemas), cmocka_unit_test(test_lookups),
    };
    return cmocka_run_group_tests(tests, open_scope, close_scope);
}
