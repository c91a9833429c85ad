import grimp


def test_the_simulated_lms_shares_no_code_with_the_tool():
    graph = grimp.build_graph("lti_peer", cache_dir=None)
    own = {"lti_peer.demo.platform", *graph.find_descendants("lti_peer.demo.platform")}

    outside = {
        found for module in own for found in graph.find_modules_directly_imported_by(module)
    } - own

    assert outside == set()
