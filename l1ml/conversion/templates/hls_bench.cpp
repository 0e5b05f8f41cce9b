// Golden crossings of <<model>> through the top function, every score word compared without a tolerance.
// The exit status is 0 only if all <<crossings>> agree. The only argument is the folder of the golden words.
#include <fstream>
#include <iomanip>
#include <iostream>
#include <string>

#include "firmware/<<top>>.h"
<<include>>
<<main>> {
    const std::string folder = argc > 1 ? argv[1] : "tb_data";
    std::ifstream inputs((folder + "/tb_input_features.dat").c_str());
    std::ifstream golden((folder + "/tb_output_predictions.dat").c_str());
#ifdef RTL_SIM
    std::ofstream log((folder + "/rtl_cosim_results.log").c_str());
#else
    std::ofstream log((folder + "/csim_results.log").c_str());
#endif
    log << std::setprecision(17);
    int wrong = 0;
    for (int crossing = 0; crossing < <<crossings>>; ++crossing) {
        <<declare>>
        for (int i = 0; i < <<words>>; ++i) {
            double word;
            inputs >> word;
            row<<word>>[i] = word;
        }
        double expected[<<outputs>>];
        for (int i = 0; i < <<outputs>>; ++i) golden >> expected[i];
        if (!inputs || !golden) {
            std::cerr << "FAIL: the golden words in " << folder << " end before crossing " << crossing << std::endl;
            <<leave>>(1);
        }
        <<call>>
        for (int i = 0; i < <<outputs>>; ++i) {
            const double found = score<<word>>[i].to_double();
            log << found << (i + 1 < <<outputs>> ? ' ' : '\n');
            if (found != expected[i] && ++wrong <= 10) {
                std::cerr << "crossing " << crossing << ": score " << i << " is " << found << ", golden " << expected[i] << std::endl;
            }
        }
    }
    std::string more;
    if (inputs >> more || golden >> more) {
        std::cerr << "FAIL: there are more golden words in " << folder << " than <<crossings>> crossings" << std::endl;
        <<leave>>(1);
    }
    std::cout << (wrong ? "FAIL: " : "PASS: ") << <<crossings>> * <<outputs>> - wrong << " of " << <<crossings>> * <<outputs>> << " score words agree" << std::endl;
    <<leave>>(wrong ? 1 : 0);
}
