/* Citations, and licences in words. */
#include "check.h"

#include "web/front/citation.h"
#include "web/front/licence.h"

static struct scope scope;

static struct citation sample(void)
{
    return (struct citation){.id = S("bike-counts"), .author = S("City Works & Sons"), .title = S("Bicycle\n  counts"),
                             .year = S("2026"), .version = S("Version 3"), .kind = S("Data set"),
                             .portal = S("Open data"), .address = S("https://x.example/explore/dataset/bike-counts/")};
}

static void test_text(void **state)
{
    (void)state;
    scope_open(&scope);
    struct citation citation = sample();
    check_text("whole", citation_text(&scope.arena, &citation),
               S("City Works & Sons (2026). Bicycle counts (Version 3) [Data set]. Open data. "
                 "https://x.example/explore/dataset/bike-counts/"));
    citation.author = S("");
    citation.version = S("");
    check_text("no author", citation_text(&scope.arena, &citation),
               S("Bicycle counts (2026). [Data set]. Open data. "
                 "https://x.example/explore/dataset/bike-counts/"));
    scope_close(&scope);
}

static void test_bibtex(void **state)
{
    (void)state;
    scope_open(&scope);
    struct citation citation = sample();
    citation.title = S("100% of {this} \\input{x} a_b ~ ^ $ #");
    citation.year = S("n.d.");
    check_text("escaped", citation_bibtex(&scope.arena, &citation),
               S("@misc{bike-counts,\n"
                 "  author = {{City Works \\& Sons}},\n"
                 "  title = {{100\\% of \\{this\\} \\textbackslash{}input\\{x\\} a\\_b \\textasciitilde{} "
                 "\\textasciicircum{} \\$ \\#}},\n"
                 "  version = {{Version 3}},\n"
                 "  howpublished = {{Data set}},\n"
                 "  publisher = {{Open data}},\n"
                 "  url = {https://x.example/explore/dataset/bike-counts/}\n}"));
    scope_close(&scope);
}

static void test_licences(void **state)
{
    (void)state;
    static const struct {
        const char *name, *address;
        enum message statement;
    } cases[] = {
        {"", "", MSG_INFORMATION_LICENSE_NONE},
        {"CC BY 4.0", "", MSG_INFORMATION_LICENSE_ATTRIBUTION},
        {"Attribution", "https://creativecommons.org/licenses/by/4.0/", MSG_INFORMATION_LICENSE_ATTRIBUTION},
        {"CC BY-SA 4.0", "", MSG_INFORMATION_LICENSE_SHARE_ALIKE},
        {"", "https://creativecommons.org/licenses/by-nc-sa/4.0/", MSG_INFORMATION_LICENSE_NON_COMMERCIAL},
        {"CC BY-ND 4.0", "", MSG_INFORMATION_LICENSE_NO_DERIVATIVES},
        {"Licence Ouverte / Open Licence", "", MSG_INFORMATION_LICENSE_ATTRIBUTION_DATE},
        {"ODbL", "", MSG_INFORMATION_LICENSE_SHARE_ALIKE},
        {"CC0", "", MSG_INFORMATION_LICENSE_PUBLIC},
        {"Public domain (work of the United States government)", "", MSG_INFORMATION_LICENSE_PUBLIC},
        {"Open Government Licence v3.0", "", MSG_INFORMATION_LICENSE_ATTRIBUTION},
        {"All rights reserved", "", MSG_INFORMATION_LICENSE_OTHER},
    };
    scope_open(&scope);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        check_int(cases[i].name,
                  licence_statement(&scope.arena, str_from(cases[i].name), str_from(cases[i].address)),
                  cases[i].statement);
    }
    scope_close(&scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_bibtex),
        cmocka_unit_test(test_licences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
