`timescale 1 ns / 1 ps

// Where every quantity lies in the words of one crossing that reach the Global Trigger, layout of 2024 (and 2025).
//
// A crossing is one vector: the columns of a uGT vector file one after the other, the first word of the first column in the
// lowest bits. Word s of column C is crossing[C_BASE + s * C_BITS +: C_BITS], and its field F is
//
//     crossing[C_BASE + s * C_BITS + C_F_LOW +: C_F_BITS]        two's complement where C_F_SIGNED is 1
//
// Plain numbers and no packed structs: Yosys 0.70 reads a field of an array of structs inside a struct as a single bit, and says
// so in a warning only. It does not know "import" inside a module either, so constants are used with the name of the package.
// tests/firmware/test_ugt_words.py compares every number with l1ml.hardware.ugt_layouts.
// verilator lint_off UNUSEDPARAM
package ugt_words_2024;
  localparam int CROSSING_BITS = 2048;
  localparam int BX_BITS = 12;

  // muon
  localparam int MUON_BASE = 0, MUON_WORDS = 8, MUON_BITS = 64;
  localparam int MUON_PHI_LOW = 0, MUON_PHI_BITS = 10, MUON_PHI_SIGNED = 0;
  localparam int MUON_PT_LOW = 10, MUON_PT_BITS = 9, MUON_PT_SIGNED = 0;
  localparam int MUON_QUALITY_LOW = 19, MUON_QUALITY_BITS = 4, MUON_QUALITY_SIGNED = 0;
  localparam int MUON_ETA_LOW = 23, MUON_ETA_BITS = 9, MUON_ETA_SIGNED = 1;
  localparam int MUON_ISOLATION_LOW = 32, MUON_ISOLATION_BITS = 2, MUON_ISOLATION_SIGNED = 0;
  localparam int MUON_CHARGE_LOW = 34, MUON_CHARGE_BITS = 1, MUON_CHARGE_SIGNED = 0;
  localparam int MUON_CHARGE_VALID_LOW = 35, MUON_CHARGE_VALID_BITS = 1, MUON_CHARGE_VALID_SIGNED = 0;
  localparam int MUON_INDEX_LOW = 36, MUON_INDEX_BITS = 7, MUON_INDEX_SIGNED = 0;
  localparam int MUON_PHI_OUT_LOW = 43, MUON_PHI_OUT_BITS = 10, MUON_PHI_OUT_SIGNED = 0;
  localparam int MUON_UNCONSTRAINED_PT_LOW = 53, MUON_UNCONSTRAINED_PT_BITS = 8, MUON_UNCONSTRAINED_PT_SIGNED = 0;
  localparam int MUON_SHOWER_LOW = 61, MUON_SHOWER_BITS = 1, MUON_SHOWER_SIGNED = 0;
  localparam int MUON_IMPACT_LOW = 62, MUON_IMPACT_BITS = 2, MUON_IMPACT_SIGNED = 0;

  // egamma
  localparam int EGAMMA_BASE = 512, EGAMMA_WORDS = 12, EGAMMA_BITS = 32;
  localparam int EGAMMA_PT_LOW = 0, EGAMMA_PT_BITS = 9, EGAMMA_PT_SIGNED = 0;
  localparam int EGAMMA_ETA_LOW = 9, EGAMMA_ETA_BITS = 8, EGAMMA_ETA_SIGNED = 1;
  localparam int EGAMMA_PHI_LOW = 17, EGAMMA_PHI_BITS = 8, EGAMMA_PHI_SIGNED = 0;
  localparam int EGAMMA_ISOLATION_LOW = 25, EGAMMA_ISOLATION_BITS = 2, EGAMMA_ISOLATION_SIGNED = 0;

  // tau
  localparam int TAU_BASE = 896, TAU_WORDS = 12, TAU_BITS = 32;
  localparam int TAU_PT_LOW = 0, TAU_PT_BITS = 9, TAU_PT_SIGNED = 0;
  localparam int TAU_ETA_LOW = 9, TAU_ETA_BITS = 8, TAU_ETA_SIGNED = 1;
  localparam int TAU_PHI_LOW = 17, TAU_PHI_BITS = 8, TAU_PHI_SIGNED = 0;
  localparam int TAU_ISOLATION_LOW = 25, TAU_ISOLATION_BITS = 2, TAU_ISOLATION_SIGNED = 0;

  // jet
  localparam int JET_BASE = 1280, JET_WORDS = 12, JET_BITS = 32;
  localparam int JET_PT_LOW = 0, JET_PT_BITS = 11, JET_PT_SIGNED = 0;
  localparam int JET_ETA_LOW = 11, JET_ETA_BITS = 8, JET_ETA_SIGNED = 1;
  localparam int JET_PHI_LOW = 19, JET_PHI_BITS = 8, JET_PHI_SIGNED = 0;
  localparam int JET_DISPLACED_LOW = 27, JET_DISPLACED_BITS = 1, JET_DISPLACED_SIGNED = 0;
  localparam int JET_QUALITY_LOW = 28, JET_QUALITY_BITS = 2, JET_QUALITY_SIGNED = 0;

  // ett
  localparam int ETT_BASE = 1664, ETT_WORDS = 1, ETT_BITS = 32;
  localparam int ETT_PT_LOW = 0, ETT_PT_BITS = 12, ETT_PT_SIGNED = 0;
  localparam int ETT_ELECTROMAGNETIC_LOW = 12, ETT_ELECTROMAGNETIC_BITS = 12, ETT_ELECTROMAGNETIC_SIGNED = 0;
  localparam int ETT_MIN_BIAS_LOW = 28, ETT_MIN_BIAS_BITS = 4, ETT_MIN_BIAS_SIGNED = 0;

  // htt
  localparam int HTT_BASE = 1696, HTT_WORDS = 1, HTT_BITS = 32;
  localparam int HTT_PT_LOW = 0, HTT_PT_BITS = 12, HTT_PT_SIGNED = 0;
  localparam int HTT_TOWERCOUNT_LOW = 12, HTT_TOWERCOUNT_BITS = 13, HTT_TOWERCOUNT_SIGNED = 0;
  localparam int HTT_MIN_BIAS_LOW = 28, HTT_MIN_BIAS_BITS = 4, HTT_MIN_BIAS_SIGNED = 0;

  // etm
  localparam int ETM_BASE = 1728, ETM_WORDS = 1, ETM_BITS = 32;
  localparam int ETM_PT_LOW = 0, ETM_PT_BITS = 12, ETM_PT_SIGNED = 0;
  localparam int ETM_PHI_LOW = 12, ETM_PHI_BITS = 8, ETM_PHI_SIGNED = 0;
  localparam int ETM_ASYMMETRY_LOW = 20, ETM_ASYMMETRY_BITS = 8, ETM_ASYMMETRY_SIGNED = 0;
  localparam int ETM_MIN_BIAS_LOW = 28, ETM_MIN_BIAS_BITS = 4, ETM_MIN_BIAS_SIGNED = 0;

  // htm
  localparam int HTM_BASE = 1760, HTM_WORDS = 1, HTM_BITS = 32;
  localparam int HTM_PT_LOW = 0, HTM_PT_BITS = 12, HTM_PT_SIGNED = 0;
  localparam int HTM_PHI_LOW = 12, HTM_PHI_BITS = 8, HTM_PHI_SIGNED = 0;
  localparam int HTM_ASYMMETRY_LOW = 20, HTM_ASYMMETRY_BITS = 8, HTM_ASYMMETRY_SIGNED = 0;
  localparam int HTM_MIN_BIAS_LOW = 28, HTM_MIN_BIAS_BITS = 4, HTM_MIN_BIAS_SIGNED = 0;

  // etmhf
  localparam int ETMHF_BASE = 1792, ETMHF_WORDS = 1, ETMHF_BITS = 32;
  localparam int ETMHF_PT_LOW = 0, ETMHF_PT_BITS = 12, ETMHF_PT_SIGNED = 0;
  localparam int ETMHF_PHI_LOW = 12, ETMHF_PHI_BITS = 8, ETMHF_PHI_SIGNED = 0;
  localparam int ETMHF_ASYMMETRY_LOW = 20, ETMHF_ASYMMETRY_BITS = 8, ETMHF_ASYMMETRY_SIGNED = 0;
  localparam int ETMHF_CENTRALITY_LOW = 28, ETMHF_CENTRALITY_BITS = 4, ETMHF_CENTRALITY_SIGNED = 0;

  // htmhf
  localparam int HTMHF_BASE = 1824, HTMHF_WORDS = 1, HTMHF_BITS = 32;
  localparam int HTMHF_PT_LOW = 0, HTMHF_PT_BITS = 12, HTMHF_PT_SIGNED = 0;
  localparam int HTMHF_PHI_LOW = 12, HTMHF_PHI_BITS = 8, HTMHF_PHI_SIGNED = 0;
  localparam int HTMHF_ASYMMETRY_LOW = 20, HTMHF_ASYMMETRY_BITS = 8, HTMHF_ASYMMETRY_SIGNED = 0;
  localparam int HTMHF_CENTRALITY_LOW = 28, HTMHF_CENTRALITY_BITS = 4, HTMHF_CENTRALITY_SIGNED = 0;

  // link11
  localparam int LINK11_BASE = 1856, LINK11_WORDS = 6, LINK11_BITS = 32;
  localparam int LINK11_NIBBLE_LOW = 28, LINK11_NIBBLE_BITS = 4, LINK11_NIBBLE_SIGNED = 0;
endpackage
// verilator lint_on UNUSEDPARAM
