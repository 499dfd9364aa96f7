def test_x(world):
    for method, rule in world.routes():
        print(method, rule, world.addresses(rule)[:3])
    from tests.walks.world import taken_back
    with taken_back():
        print(world.people["admin"].get("/").status_code)
    assert 0
