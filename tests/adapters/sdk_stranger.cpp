// SPDX-License-Identifier: Apache-2.0

// A C++ program that knows nothing but <entente/client.h>;
// tests/adapters/sdk_install.sh compiles it against what was installed.
#include <entente/client.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace {

struct Agenda {
    std::vector<std::string> confirmed;
};

void on_event(void *context, const entente_event *event, entente_position)
{
    if (event->meeting->state == ENTENTE_CONFIRMED) {
        static_cast<Agenda *>(context)->confirmed.emplace_back("meeting");
    }
}

} // namespace

int main()
{
    Agenda agenda;
    entente_settings settings{};
    char why[ENTENTE_WHY_SIZE] = "";

    settings.software = "stranger";
    settings.context = &agenda;
    settings.on_event = on_event;
    // Without keys there is no client, and a reason.
    entente_client *client = entente_client_create(&settings, why, sizeof why);
    if (client != nullptr || std::strlen(why) == 0) {
        return 1;
    }
    if (std::strcmp(entente_code_name(ENTENTE_ERROR_STALE), "STALE") != 0) {
        return 1;
    }
    std::printf("%s\n", why);
    return 0;
}
