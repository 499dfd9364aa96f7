from contextlib import contextmanager
@contextmanager
def server():
    import os
    yield os.environ["LEADBOARD_TEST_DATABASE_URL"]
