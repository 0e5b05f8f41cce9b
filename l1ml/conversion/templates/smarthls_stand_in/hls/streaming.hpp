// Stand-in for the header of this name in SmartHLS, where SmartHLS is not installed: a FIFO is a queue of so many words.
// Functions run one after the other in the order of the data. What would stop a design ends the program: a FIFO that is read
// before it is written, written when it is full, or left with words in it.
#pragma once
#define SMARTHLS_STAND_IN

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <deque>

namespace hls {

template <class T> class FIFO {
  public:
    explicit FIFO(std::size_t depth = 1) : depth(depth) {}
    FIFO(const FIFO &) = delete;
    FIFO &operator=(const FIFO &) = delete;
    ~FIFO() { refuse_if(!words.empty(), "left with words in it"); }
    T read() {
        refuse_if(words.empty(), "read before it is written");
        T first = words.front();
        words.pop_front();
        return first;
    }
    void write(const T &word) {
        refuse_if(words.size() == depth, "written when it is full");
        words.push_back(word);
    }
    bool empty() const { return words.empty(); }

  private:
    static void refuse_if(bool is_wrong, const char *what) {
        if (!is_wrong) return;
        std::fprintf(stderr, "a FIFO is %s\n", what);
        std::abort();
    }
    std::size_t depth;
    std::deque<T> words;
};

}  // namespace hls
