"""What the service of the test hands its neighbour on to."""


class Helper:
    def __init__(self, things):
        self.things = things

    def help(self):
        return self.things.get_by_helper()


def look(things):
    return things.get_by_function()


def unused(things):
    return things.get_by_nobody()
