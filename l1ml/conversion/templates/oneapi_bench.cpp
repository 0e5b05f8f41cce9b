// Golden crossings of <<model>> through the kernel, every score word compared without a tolerance.
// The exit status is 0 only if all <<crossings>> agree. The only argument is the folder of the golden words.
#include <fstream>
#include <iostream>
#include <string>

#include "firmware/<<top>>.h"

int main(int argc, char **argv) {
#if FPGA_SIMULATOR
    sycl::queue queue(sycl::ext::intel::fpga_simulator_selector_v);
#elif FPGA_HARDWARE
    sycl::queue queue(sycl::ext::intel::fpga_selector_v);
#else
    sycl::queue queue(sycl::ext::intel::fpga_emulator_selector_v);
#endif
    const std::string folder = argc > 1 ? argv[1] : "tb_data";
    std::ifstream inputs(folder + "/tb_input_features.dat");
    std::ifstream golden(folder + "/tb_output_predictions.dat");
    int wrong = 0;
    for (int crossing = 0; crossing < <<crossings>>; ++crossing) {
        words_t row;
        for (int i = 0; i < <<words>>; ++i) {
            double word;
            inputs >> word;
            row[i] = word;
        }
        double expected[<<outputs>>];
        for (int i = 0; i < <<outputs>>; ++i) golden >> expected[i];
        if (!inputs || !golden) {
            std::cerr << "FAIL: the golden words in " << folder << " end before crossing " << crossing << std::endl;
            return 1;
        }
        <<source>>::write(queue, row);
        queue.single_task(<<kernel>>{});
        auto scores = <<sink>>::read(queue);
        for (int i = 0; i < <<outputs>>; ++i) {
            const double found = scores[i].to_double();
            if (found != expected[i] && ++wrong <= 10) {
                std::cerr << "crossing " << crossing << ": score " << i << " is " << found << ", golden " << expected[i] << std::endl;
            }
        }
    }
    queue.wait();
    std::string more;
    if (inputs >> more || golden >> more) {
        std::cerr << "FAIL: there are more golden words in " << folder << " than <<crossings>> crossings" << std::endl;
        return 1;
    }
    std::cout << (wrong ? "FAIL: " : "PASS: ") << <<crossings>> * <<outputs>> - wrong << " of " << <<crossings>> * <<outputs>> << " score words agree" << std::endl;
    return wrong ? 1 : 0;
}
