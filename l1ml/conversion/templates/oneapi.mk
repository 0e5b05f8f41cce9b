# make sim    the golden crossings through Intel's FPGA emulator (icpx and cmake); fails if a word differs
# make synth  the report of Intel's compiler, in build/oneapi

CMAKE ?= cmake

.PHONY: sim synth clean

sim:
	$(CMAKE) -S . -B build/oneapi
	$(MAKE) -C build/oneapi fpga_emu
	build/oneapi/<<top>>.fpga_emu tb_data

synth:
	$(CMAKE) -S . -B build/oneapi
	$(MAKE) -C build/oneapi report

clean:
	rm -rf build/oneapi
