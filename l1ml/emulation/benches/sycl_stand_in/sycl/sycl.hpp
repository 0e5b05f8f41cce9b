// As much of SYCL as an oneAPI project of hls4ml needs to run as plain C++: pipes are queues, and a task runs when it is started.
// Tasks are started in the order of the data, each once for each crossing, so that no pipe is read before it is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>

#define SYCL_EXTERNAL

namespace sycl {

struct selector {};

class queue {
  public:
    queue() = default;
    explicit queue(selector) {}
    template <class Kernel> void single_task(const Kernel &kernel) { kernel(); }
    void wait() {}
};

namespace ext::oneapi::experimental {

struct properties_tag {};
template <class... T> struct properties {
    properties(T...) {}
};

}  // namespace ext::oneapi::experimental

namespace ext::intel {

inline constexpr selector fpga_emulator_selector_v{};

}  // namespace ext::intel

namespace ext::intel::experimental {

template <int> struct ready_latency_key {};
template <int n> inline constexpr ready_latency_key<n> ready_latency{};
template <int... n> struct interface_key {};
template <int... n> inline constexpr interface_key<n...> streaming_interface{};
template <int... n> inline constexpr interface_key<n...> pipelined{};

template <class Id, class T, std::int32_t min_capacity = 0, class Properties = void, typename... More> class pipe {
  public:
    static T read() {
        if (words().empty()) {
            std::fputs("a pipe is read before it is written\n", stderr);
            std::abort();
        }
        T first = words().front();
        words().pop_front();
        return first;
    }
    static void write(const T &word) { words().push_back(word); }
    static T read(queue &) { return read(); }
    static void write(queue &, const T &word) { write(word); }

  private:
    static std::deque<T> &words() {
        static std::deque<T> kept;
        return kept;
    }
};

template <auto &task> class task_sequence {
  public:
    template <class... Arguments> void async(Arguments... arguments) { task(arguments...); }
};

}  // namespace ext::intel::experimental
}  // namespace sycl
