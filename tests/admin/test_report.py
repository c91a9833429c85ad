from admin.office import BASE_URL


def test_an_administrator_sees_the_courses_of_an_lms_and_gets_them_as_a_file(signed_in, world):
    world.build(learners=6)
    page = signed_in.get("/report")
    assert "1 course with 6 learners" in page.replace("1 Course", "1 course")
    assert "/admin/report/courses.csv?lms=" in page
    heads, line = signed_in.get("/report/courses.csv").splitlines()
    assert heads.startswith("\ufeffCourse,No.,Learners")
    assert line.startswith("Peer Learning 101,1,6,1,0.0")


def test_a_class_of_four_is_not_shown(signed_in, world):
    world.build(learners=4)
    page = signed_in.get("/report")
    assert "at least five learners" in page
    assert "Peer Learning 101" not in page


def test_an_lms_that_nobody_knows_is_not_found(signed_in, world):
    world.build(learners=6)
    signed_in.get("/report?lms=none", status=404)
    signed_in.get("/report/people.csv", status=404)


def test_nobody_else_sees_the_report(app):
    assert app.test_client().get("/admin/report", base_url=BASE_URL).status_code == 401
