"""Pieces of which texts are made that want to be more than text."""

VISIBLE = r"""
<script> </script> <img src=x onerror=alert(1)> <svg/onload=alert(1)> <!-- --> ]]> <style>
</textarea> javascript:alert(1) data:text/html,x vbscript:x //e.example https://a.example
[a]( ![b]( ) ]( [ ]( <http://c.example> &lt;script&gt; &#106;avascript: &colon; \ \< ` ``` ~~ ~~~
** * _ __ # ## ###### > - 1. 2) |a|b| |-|-| --- === " ' onmouseover=x style=x é 漢 {{7*7}} {%x%}
"""
INVISIBLE = ["\0", "\u202e", "\ufeff", "\u2028"]
FRAGMENTS = [*VISIBLE.split(), *INVISIBLE, "\n", "\n\n", "    ", "\t", " "]
