/* Clusters: cells of a grid, and what is joined of them. */
#include "../check.h"

#include <math.h>

#include "platform/geometry/cluster.h"
#include "platform/geometry/geometry.h"

static void test_radius_and_precision(void **state)
{
    (void)state;
    assert_true(fabs(cluster_radius(0, 256) - 40075016.686) < 1e-3);
    assert_true(fabs(cluster_radius(10, 40) - 6115) < 1);
    static const struct {
        double metres;
        int precision;
    } cases[] = {{7e6, 1}, {4e6, 1}, {1e6, 1}, {6e5, 2}, {1e5, 3}, {6115, 4}, {1000, 5}, {1, 9}, {1e-9, 12}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        check_int("precision", cluster_precision(cases[i].metres), cases[i].precision);
    }
}

/* Cells are those of geohashes: precision 1 has 8 by 4 of 45 degrees. */
static void test_cells(void **state)
{
    (void)state;
    static const struct {
        double longitude, latitude;
        int64_t column, row;
    } cases[] = {{-180, -90, 0, 0}, {180, 90, 7, 3}, {0, 0, 4, 2}, {-0.1, -0.1, 3, 1},
                 {2.35, 48.85, 4, 3}, {-135, 45, 1, 3}, {190, 100, 7, 3}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        int64_t cell = cluster_cell(cases[i].longitude, cases[i].latitude, 1);
        check_int("column", cell >> 32, cases[i].column);
        check_int("row", cell & 0xffffffff, cases[i].row);
    }
    assert_true(cluster_cell(2.3522, 48.8566, 12) != cluster_cell(2.35221, 48.8566, 12));
}

static void test_joining(void **state)
{
    (void)state;
    /* Two near Paris, one beside, two on either side of 180 degrees, two around the pole. */
    static const struct cluster cells[] = {
        {1, 1, 2.30, 48.80}, {2, 3, 2.34, 48.84}, {3, 1, 3.30, 48.80}, {4, 1, 179.99, 10}, {5, 3, -179.99, 10},
        {6, 1, 0, 89.99},    {7, 1, 180, 89.99},
    };
    uint32_t of[7];
    struct cluster clusters[7];
    size_t count = cluster_join(cells, 7, 10000, of, clusters);
    check_int("clusters", (long long)count, 4);
    check_int("Paris", of[0], of[1]);
    check_int("over 180", of[3], of[4]);
    check_int("at the pole", of[5], of[6]);
    assert_true(of[2] != of[0]);
    check_int("count", clusters[of[0]].count, 4);
    assert_true(fabs(clusters[of[0]].longitude - 2.33) < 1e-9);
    assert_true(fabs(clusters[of[0]].latitude - 48.83) < 1e-9);
    assert_true(fabs(clusters[of[3]].longitude - -179.995) < 1e-9);
    check_int("count", clusters[of[3]].count, 4);
}

/* Sums stay, no two clusters are near, and the same cells in parts of another order give the same. */
static void test_many(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    static struct cluster cells[COUNT];
    static struct cluster clusters[COUNT];
    static uint32_t of[COUNT];
    uint32_t random = 7;
    int64_t all = 0;
    for (int i = 0; i < COUNT; i++) {
        random = random * 1664525u + 1013904223u;
        double longitude = random / 4294967296.0 * 360 - 180;
        random = random * 1664525u + 1013904223u;
        double latitude = asin(random / 4294967296.0 * 2 - 1) * 180 / M_PI;
        cells[i] = (struct cluster){i, 1 + random % 5, longitude, latitude};
        all += cells[i].count;
    }
    static const double radii[] = {1000, 50000, 200000, 1e6, 7e6};
    for (size_t r = 0; r < ARRAY_LENGTH(radii); r++) {
        size_t count = cluster_join(cells, COUNT, radii[r], of, clusters);
        int64_t sum = 0;
        for (size_t i = 0; i < count; i++) {
            sum += clusters[i].count;
        }
        check_int("sum", sum, all);
        size_t looked = count < 3000 ? count : 3000;
        for (size_t i = 0; i < looked; i++) {
            for (size_t j = 0; j < i; j++) {
                double metres = geometry_point_distance(clusters[i].longitude, clusters[i].latitude,
                                                        clusters[j].longitude, clusters[j].latitude);
                assert_true(metres >= radii[r]);
            }
        }
        for (size_t i = 0; i < COUNT; i++) {
            assert_true(of[i] < count);
        }
    }
    check_int("none", (long long)cluster_join(cells, 0, 1000, of, clusters), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_radius_and_precision),
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_joining),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
