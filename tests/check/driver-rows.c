/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the tables of drivers: "driver<TAB>description", then for each row "<TAB>knob<TAB>scope<TAB>unit<TAB>help". */

#include <dlfcn.h>
#include <governord/driver.h>
#include <stdio.h>

static const char *const scopes[GOV_SCOPE_COUNT] = { "node", "package", "policy", "cpu", "gpu", "device" };
static const char *const units[GOV_UNIT_COUNT] = {
        "text", "number", "0 or 1", "kHz", "uW", "us", "%", "level", "uJ", "m\302\260C"
};

int main(int argc, char **argv) {
        for (int i = 1; i < argc; i++) {
                void *handle = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
                const struct gov_driver *driver = handle ? dlsym(handle, "governord_driver") : NULL;

                if (!driver) {
                        (void) fprintf(stderr, "%s\n", dlerror());
                        return 1;
                }
                printf("%s\t%s\n", driver->name, driver->description);
                for (uint32_t row = 0; row < driver->n_rows; row++)
                        printf("\t%s\t%s\t%s\t%s\n", driver->rows[row].name, scopes[driver->rows[row].scope],
                               units[driver->rows[row].unit], driver->rows[row].help);
        }
        return 0;
}
