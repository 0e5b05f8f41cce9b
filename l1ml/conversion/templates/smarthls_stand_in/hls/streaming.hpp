// Stand-in for the header of this name in SmartHLS, where SmartHLS is not installed: a FIFO is a queue, which is never full.
// Functions run one after the other in the order of the data, so that no FIFO is read before it is written.
#pragma once
#define SMARTHLS_STAND_IN

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <deque>

namespace hls {

template <class T> class FIFO {
  public:
    explicit FIFO(std::size_t = 1) {}
    FIFO(const FIFO &) = delete;
    FIFO &operator=(const FIFO &) = delete;
    T read() {
        if (words.empty()) {
            std::fputs("a FIFO is read before it is written\n", stderr);
            std::abort();
        }
        T first = words.front();
        words.pop_front();
        return first;
    }
    void write(const T &word) { words.push_back(word); }
    bool empty() const { return words.empty(); }

  private:
    std::deque<T> words;
};

}  // namespace hls
