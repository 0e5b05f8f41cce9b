# make            build/lib<<stem>>.so: the C interface of l1ml_network.h
# make test       the golden crossings through the header and the C interface; fails if a word differs
# make sanitize   the same, watched for undefined behaviour and accesses outside arrays
CXX ?= g++
# which words come out depends on none of these; add -march=native where the library stays on this machine
CXXFLAGS ?= -O3
WARNINGS = -Wall -Wextra -Wpedantic
SOURCES = <<stem>>.cpp <<stem>>.h l1ml_network.h

.PHONY: all test sanitize clean

all: build/lib<<stem>>.so

build/lib<<stem>>.so: $(SOURCES)
	mkdir -p build
	$(CXX) -std=c++17 $(CXXFLAGS) $(WARNINGS) -fPIC -fvisibility=hidden -shared <<stem>>.cpp -o $@

test: build/test
	build/test

build/test: $(SOURCES) <<stem>>_test.cpp <<stem>>_golden.h
	mkdir -p build
	$(CXX) -std=c++17 $(CXXFLAGS) $(WARNINGS) -pthread <<stem>>.cpp <<stem>>_test.cpp -o $@

sanitize: $(SOURCES) <<stem>>_test.cpp <<stem>>_golden.h
	mkdir -p build
	$(CXX) -std=c++17 -O1 -g1 $(WARNINGS) -pthread -fsanitize=undefined,address -fno-sanitize-recover=all \
	    <<stem>>.cpp <<stem>>_test.cpp -o build/sanitized
	build/sanitized

clean:
	rm -rf build/lib<<stem>>.so build/test build/sanitized
