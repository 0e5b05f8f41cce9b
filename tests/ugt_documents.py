"""Small menu documents in the formats of the Global Trigger, written for the tests."""
# ruff: noqa: E501

from __future__ import annotations

MENU_HTML = """<!DOCTYPE html>
<html><head><title>L1Menu_Toy</title><style>p {{ color: red; }}</style></head><body>
<h1>L1Menu_Toy</h1>
<ul>
  <li><strong>Comment:</strong> made by hand</li>
  <li><strong>Menu UUID:</strong> ce56d95f</li>
  <li><strong>Grammar Version:</strong> 0.13</li>
  <li><strong>Scale Set:</strong> scales_toy</li>
</ul>
<h2>Algorithms</h2>
<table><tr><th>Index</th><th>Name</th><th>Labels</th></tr>
<tr><td><a href=#L1_A>7</a></td><td><a href=#L1_A>L1_A</a></td><td></td></tr>
<tr><td><a href=#L1_B>9</a></td><td><a href=#L1_B>L1_B</a></td><td>toy</td></tr>
</table>
<a class="anchor" name="L1_A"></a>
<h3>7 L1_A <span>(Module 0)</span></h3>
<p><strong>Logical Expression</strong></p>
<p><pre class="expression"><span>mass_inv</span><span>{{</span>MU4p5[MU-QLTY_SNGL, MU-ETA_2p0], MU4p5[MU-ETA_2p0]<span>}}</span>[MASS_7to18, CHGCOR_OS]</pre></p>
<p><strong>VHDL Expression</strong></p>
<p><pre class="vhdl"><span>l1_a</span> <span><=</span> <span>invariant_mass_i62</span></pre></p>
<p><strong>Comment</strong></p>
<p>first line<br />second line</p>
<p><strong>Conditions</strong></p>
<ul>
<li><strong>mass_inv{{MU4p5[MU-QLTY_SNGL, MU-ETA_2p0], MU4p5[MU-ETA_2p0]}}[MASS_7to18, CHGCOR_OS]</strong> : <code>invariant_mass_i62</code>
  <ul>
    <li>Object: MU4p5
      <ul>
        <li> Threshold: 4.5 GeV
             : <code>{threshold}</code> </li>
        <li> Quality: <a href="#MU-QLTY_SNGL">MU-QLTY_SNGL</a>:
             <code>0xf000</code> </li>
        <li> Eta: <a href="#MU-ETA_2p0">MU-ETA_2p0</a> [-2.006, 2.006]
             : <code>[0x148, 0xb8]</code> </li>
      </ul></li>
    <li>Object: MU4p5
      <ul>
        <li> Threshold: 4.5 GeV : <code>0xa</code> </li>
        <li> {label}: <a href="#MU-ETA_2p0">MU-ETA_2p0</a> [-2.006, 2.006] : <code>[0x148, 0xb8]</code> </li>
      </ul></li>
  </ul>
  <ul>
    <li>Cut: <a href="#MASS_7to18">MASS_7to18</a></li>
    <ul><li> Mass: [7.0, 18.0]
         : <code>[24.5, 162.0]</code>
           <code>precision: 1</code> </li></ul>
    <li>Cut: <a href="#CHGCOR_OS">CHGCOR_OS</a></li>
    <ul><li> Charge Correaltion: <code>"os"</code> </li></ul>
  </ul>
</li></ul>
<hr />
<h3>9 L1_B <span>(Module 1)</span></h3>
<p><strong>Logical Expression</strong></p>
<p><pre class="expression">{expression}</pre></p>
<p><strong>Labels</strong></p>
<ul><li>toy</li><li>monitoring</li></ul>
<p><strong>Conditions</strong></p>
<ul>
<li><strong>JET30-1[JET-ETA_2p52]</strong> : <code>single_jet_i1</code>
  <ul><li>Object: JET30-1
    <ul><li> Threshold: 30.0 GeV : <code>0x3c</code> </li>
        <li> Eta: <a href="#JET-ETA_2p52">JET-ETA_2p52</a> [-2.523, 2.523] : <code>[0xc6, 0x39]</code> </li></ul></li></ul>
  <ul></ul></li>
<li><strong>EXT_ZeroBias</strong> : <code>single_ext_i2</code>
  <ul><li>Object: EXT_ZeroBias <ul></ul></li></ul></li>
<li><strong>MU0[MU-INDEX_BMTF]</strong> : <code>single_mu_i3</code>
  <ul><li>Object: MU0
    <ul><li> Threshold: 0.0 GeV : <code>0x1</code> </li>
        <li> Index: <a href="#MU-INDEX_BMTF">MU-INDEX_BMTF</a> 36 : <code>0x24</code> </li></ul></li></ul></li>
</ul>
<hr />
<h2>Cuts</h2>
<table><tr><th>Name</th><th>Minimum</th><th>Maximum</th><th>Minimum (hw/emu)</th><th>Maximum (hw/emu)</th><th>Data (hw/emu)</th></tr>
<tr><td><a name="MU-INDEX_BMTF"></a> MU-INDEX_BMTF</td><td>36.0</td><td>71.0</td><td><code>36.0</code></td><td><code>71.0</code></td><td></td></tr>
<tr><td><a name="CHGCOR_OS"></a> CHGCOR_OS</td><td></td><td></td><td></td><td></td><td><code>"os"</code></td></tr>
</table>
</body></html>
"""

EXPRESSION_B = "(JET30-1[JET-ETA_2p52] AND (NOT EXT_ZeroBias)) OR MU0[MU-INDEX_BMTF]"


def report(threshold: str = "0xa", label: str = "Eta", expression: str = EXPRESSION_B) -> str:
    """A report of two algorithms, with places to break."""
    return MENU_HTML.format(threshold=threshold, label=label, expression=expression)


def _bin(number: int, minimum: float, maximum: float) -> str:
    return f"<bin><number>{number}</number><minimum>{minimum:+.16E}</minimum><maximum>{maximum:+.16E}</maximum></bin>"


def _scale(kind: str, quantity: str, n_bits: int, bins: str = "") -> str:
    return f"<scale><object>{kind}</object><type>{quantity}</type><n_bits>{n_bits}</n_bits>{bins}</scale>"


def xml_cut(name: str, kind: str, quantity: str, limits: tuple[float, float] = (0.0, 0.0), data: str = "") -> str:
    minimum, maximum = limits
    return (
        f"<cut><name>{name}</name><object>{kind}</object><type>{quantity}</type>"
        f"<minimum>{minimum:+.16E}</minimum><maximum>{maximum:+.16E}</maximum><data>{data}</data></cut>"
    )


SCALES = "".join(
    (
        "<scale_set><name>scales_toy</name>",
        _scale("MU", "ET", 9, "".join(_bin(word, word * 0.5 - 0.5, word * 0.5) for word in range(512))),
        _scale("MU", "ETA", 9, "".join(_bin(word % 512, word * 0.25 - 0.125, word * 0.25 + 0.125) for word in range(-8, 9))),
        _scale("MBT0HFP", "COUNT", 4, "".join(_bin(word, word, word + 1) for word in range(16))),
        _scale("PRECISION", "MU-MU-Mass", 1),
        _scale("PRECISION", "MU-MU-Delta", 3),
        "</scale_set>",
    )
)


def xml_menu(
    expression: str = "mass_inv{MU4p5[MU-QLTY_SNGL,MU-ETA_1],MU3}[MASS_7to18,CHGCOR_OS] AND EXT_ZeroBias+1 AND MBT0HFP2",
    scales: str = SCALES,
    threshold: float = 4.5,
    quantity: str = "QLTY",
    channel: int = 4,
) -> bytes:
    """An XML menu of one algorithm, with places to break."""
    cuts = (
        xml_cut("MU-QLTY_SNGL", "MU", quantity, data="12,13,14,15"),
        xml_cut("MU-ETA_1", "MU", "ETA", (-1.125, 1.125)),
        xml_cut("MASS_7to18", "mass_inv", "MASS", (7.0, 18.0)),
        xml_cut("CHGCOR_OS", "comb", "CHGCOR", data="os"),
    )
    thresholds = (("MU4p5", "MU", threshold), ("MU3", "MU", 3.0), ("MBT0HFP2", "MBT0HFP", 2.0))
    objects = (
        f"<object_requirement><name>{name}</name><type>{kind}</type><threshold>{value:+.16E}</threshold></object_requirement>"
        for name, kind, value in thresholds
    )
    algorithm = (
        f"<algorithm><name>L1_A</name><expression>{expression}</expression><index>7</index><labels>toy, monitoring</labels>"
        f"{''.join(cuts)}{''.join(objects)}</algorithm>"
    )
    signals = (
        "<ext_signal_set><name>cabling_toy</name><ext_signal><name>ZeroBias</name><cable>0</cable>"
        f"<channel>{channel}</channel></ext_signal></ext_signal_set>"
    )
    head = '<m:menu xmlns:m="http://www.cern.ch/tmxsd/1.0.0"><name>L1Menu_Toy</name><grammar_version>0.2</grammar_version>'
    return f"{head}<comment>by hand</comment>{algorithm}{scales}{signals}</m:menu>".encode()
