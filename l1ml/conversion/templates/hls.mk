# make sim    the golden crossings through the C++, by any C++ compiler; fails if a word differs
# make synth  <<tool>>, in build/<<backend>>
<<implement_help>>
CXX ?= g++
HLS ?= <<program>>
COPY = rm -rf build/<<backend>> && mkdir -p build/<<backend>> && tar -c --exclude=./build . | tar -x -C build/<<backend>><<then>>

.PHONY: sim synth<<implement_target>> clean

sim: build/sim/bench
	rm -rf build/sim/tb_data && cp -r tb_data build/sim/tb_data
	build/sim/bench build/sim/tb_data

build/sim/bench: <<top>>_test.cpp $(wildcard firmware/*.cpp firmware/*.h firmware/weights/*.h firmware/nnet_utils/*.h)
	mkdir -p build/sim
	$(CXX) -std=c++17 -O1 -w -pthread -I. <<includes>> firmware/<<top>>.cpp <<top>>_test.cpp -o $@

synth:
	$(COPY)
	cd build/<<backend>> && $(HLS) <<arguments>>
<<implement_rule>>
clean:
	rm -rf build/sim build/<<backend>>
